#pragma once
#include "reading.h"

namespace faiban {

/**
 * Gives readings that were taken before the clock was set their true time.
 *
 * A reading of this start has the start's milliseconds, and the start's epoch is known once the clock is set. How long
 * the meter was off after an earlier start is not known: its readings are placed as late as they can be, ending a
 * second before what came next, a reading with a known time or another start. Up to eight starts are remembered.
 */
class BootTimes {
 public:
  /** Begins the start numbered `boot`; numbers grow. */
  void begin(uint32_t boot) { current_ = boot; }

  /** Tells of a reading of an earlier start; in the order in which they were taken. */
  void note(const ReadingTime& time);

  /** The clock was set: this start began at that epoch milliseconds. May be told again, when the clock is corrected. */
  void learn(int64_t startEpochMs) {
    startEpochMs_ = startEpochMs;
    isKnown_ = true;
  }

  bool isKnown() const { return isKnown_; }

  /** Epoch milliseconds into `epochMs`; false while it is not known, or when the start is forgotten. */
  bool epochOf(const ReadingTime& time, int64_t& epochMs) const;

  /** Whether the reading's time will never be known. */
  bool isForgotten(const ReadingTime& time) const;

 private:
  struct Boot {
    uint32_t boot;
    int64_t lastMs;
    /** The epoch milliseconds of its last reading, where a reading with a known time follows. */
    bool hasEnd;
    int64_t endEpochMs;
  };
  static constexpr int capacity = 8;

  Boot boots_[capacity] = {};
  int count_ = 0;
  uint32_t current_ = 0;
  int64_t startEpochMs_ = 0;
  bool isKnown_ = false;
};

}  // namespace faiban
