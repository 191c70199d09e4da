#pragma once
#include "command.h"
#include "reading.h"
#include "saved-state.h"

/**
 * What measures. Each of meter-*.cpp has one; a flag of the build (METER_PZEM, METER_CT, METER_PULSE) takes one of
 * them.
 */
class Meter {
 public:
  virtual void begin(SavedState& state) = 0;

  /** How many inputs there are; 0 is the supply, further ones are circuits. */
  virtual uint8_t inputs() const { return 1; }

  /** Fills what the input measures now; false when it does not answer. */
  virtual bool measure(uint8_t input, faiban::Reading& reading) = 0;

  /** Null when it is done, else why not. */
  virtual const char* calibrate(const faiban::Command&) { return "this meter cannot be calibrated"; }
  virtual const char* setPulsesPerKwh(uint32_t) { return "this meter counts no pulses"; }

  /** Saves registers; each few minutes, and before a restart. */
  virtual void save() {}

 protected:
  ~Meter() = default;
};

/** The meter of this build. */
Meter& meter();
