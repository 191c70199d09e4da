#pragma once
#include "text.h"

namespace faiban {

/** What the hub may ask of a meter, on `home/{home}/cmd/{device}/{kind}`. */
struct Command {
  enum class Kind : uint8_t { reboot, config, calibrate };

  Kind kind = Kind::reboot;
  /** The request's own id, which the result repeats. */
  char id[65] = "";

  /** config: how often to measure, 0 where it stays. */
  uint32_t intervalMs = 0;
  /** config: pulses a kWh, 0 where it stays. */
  uint32_t pulsesPerKwh = 0;
  /** config: look for new firmware now. */
  bool checksUpdate = false;

  /** calibrate: what a reference instrument shows now, 0 where it was not measured. */
  uint8_t input = 0;
  uint32_t voltageCentiV = 0;
  uint32_t currentMilliA = 0;
};

constexpr uint32_t leastIntervalMs = 1'000;
constexpr uint32_t mostIntervalMs = 300'000;

/**
 * Reads a command; null when it is understood, else what is wrong, for the result. The id is set whenever the payload
 * has one, also when the rest is wrong.
 */
const char* parseCommand(Text topicsLastLevel, Text payload, Command& command);

/** `{"id":"…","command":"reboot","ok":true}`; with `error` not null `"ok":false,"error":"…"`. */
bool writeResult(const Command& command, Text kind, const char* error, TextWriter& to);

/** Ids of the last commands: QoS 1 may bring one twice, and a meter that restarts must not restart again for it. */
class RecentCommands {
 public:
  /** Whether the id was there before; remembers it. */
  bool isRepeated(const char* id);

 private:
  static constexpr int capacity = 4;
  char ids_[capacity][65] = {};
  int next_ = 0;
};

}  // namespace faiban
