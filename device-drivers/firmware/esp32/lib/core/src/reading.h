#pragma once
#include "bytes.h"

namespace faiban {

/** What a meter measures; each value is a whole number of the unit that `fieldUnits` says. */
enum class Field : uint8_t {
  powerDeciW,  // positive is import from the grid
  reactivePowerDeciVar,
  apparentPowerDeciVa,
  voltageCentiV,  // the mean of the phases
  currentMilliA,  // the sum of the phases
  powerFactorMilli,
  frequencyCentiHz,
  importWh,  // registers since installation
  exportWh,
  powerL1DeciW,
  powerL2DeciW,
  powerL3DeciW,
  voltageL1CentiV,
  voltageL2CentiV,
  voltageL3CentiV,
  currentL1MilliA,
  currentL2MilliA,
  currentL3MilliA,
};
constexpr size_t fieldCount = 18;

/**
 * When a reading was taken: epoch milliseconds, or milliseconds since the start numbered `boot` while no clock is set.
 */
struct ReadingTime {
  bool isEpoch = false;
  uint32_t boot = 0;
  int64_t ms = 0;
};

/** What one input of the meter measured at one instant. */
struct Reading {
  ReadingTime time;
  /** 0 is the meter itself, 1 and up its circuits. */
  uint8_t input = 0;

  bool has(Field field) const { return (present >> static_cast<unsigned>(field)) & 1; }
  int64_t get(Field field) const { return values[static_cast<size_t>(field)]; }
  void set(Field field, int64_t value) {
    present |= 1u << static_cast<unsigned>(field);
    values[static_cast<size_t>(field)] = value;
  }

  uint32_t present = 0;
  int64_t values[fieldCount] = {};
};

/** The longest record: flags, input, boot, time, mask, and 18 values of 64 bits. */
constexpr size_t maxRecordBytes = 200;

/** Packs a reading for the store; returns its size, 0 when `room` is less than that. */
size_t encodeReading(const Reading& reading, uint8_t* to, size_t room);

/** Unpacks a record; false when it is not one, for example of a newer firmware. */
bool decodeReading(Bytes record, Reading& reading);

}  // namespace faiban
