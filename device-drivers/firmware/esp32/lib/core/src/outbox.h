#pragma once
#include "boot-times.h"
#include "flash-ring.h"

namespace faiban {

/** What carries readings to the hub. */
class Publisher {
 public:
  /**
   * Hands a reading over, with the time to write (null: none); returns the message's number, 0 or less when it cannot
   * now.
   */
  virtual int publish(const Reading& reading, const int64_t* epochMs) = 0;

 protected:
  ~Publisher() = default;
};

/** What became of the readings since the start. */
struct OutboxCounts {
  uint32_t delivered = 0;
  uint32_t stored = 0;
  /** Could not be stored, were dropped for want of room, or will never have a time. */
  uint32_t lost = 0;
};

/**
 * Live readings go out at once; one that is not acknowledged in time, or comes while there is no connection, goes to
 * the flash. What is there is sent oldest first, a few at a time, while live readings go on. So flash is worn only when
 * the hub is away, memory holds some twelve readings whatever happens, and a power cut costs at most those in flight.
 */
class Outbox {
 public:
  static constexpr int liveSlots = 4;
  static constexpr int batchSlots = 8;
  static constexpr uint32_t acknowledgeMs = 10'000;
  static constexpr uint32_t batchPauseMs = 250;
  /**
   * Without a clock for so long after connecting, live readings go without a time: their arrival says it well enough.
   */
  static constexpr uint32_t clockPatienceMs = 120'000;

  Outbox(FlashRing& ring, BootTimes& times, Publisher& publisher) : ring_(ring), times_(times), publisher_(publisher) {}

  /** Reads what is stored once, to learn of earlier starts; after `ring.open` and `times.begin`. */
  void begin();

  void connected(uint32_t nowMs);
  void disconnected();

  /** A new reading. Times of the caller are milliseconds that may wrap. */
  void add(const Reading& reading, uint32_t nowMs);

  /** The hub has the message of that number. */
  void acknowledged(int message);

  /** Sends what waits; often, some times a second. */
  void tick(uint32_t nowMs);

  uint32_t waiting() const { return ring_.pending(); }
  OutboxCounts counts() const;

 private:
  struct Live {
    int message = 0;  // 0: the slot is free
    uint32_t sentMs = 0;
    Reading reading;
  };
  struct Stored {
    int message = 0;  // 0: it has arrived
    FlashRing::Place place;
    size_t size = 0;
  };

  bool sendLive(const Reading& reading, uint32_t nowMs);
  void store(const Reading& reading);
  void storeOverdue(uint32_t nowMs);
  void sendBatch(uint32_t nowMs);
  void finishBatch(uint32_t nowMs);
  bool isBatchDone() const;

  FlashRing& ring_;
  BootTimes& times_;
  Publisher& publisher_;
  Live live_[liveSlots];
  Stored batch_[batchSlots];
  int batchCount_ = 0;
  uint32_t batchSentMs_ = 0;
  uint32_t batchDoneMs_ = 0;
  bool isConnected_ = false;
  uint32_t connectedMs_ = 0;
  OutboxCounts counts_;
};

}  // namespace faiban
