#pragma once
#include "reading.h"
#include "text.h"

namespace faiban {

/** Where a meter publishes: its home, its own id, and the ids of its circuits (inputs 1 and up). */
struct MeterIdentity {
  const char* home;
  const char* device;
  const char* const* circuits = nullptr;
  uint8_t circuitCount = 0;
};

/** Room for the longest topic: two ids of 64 bytes and what stands between. */
constexpr size_t maxTopicBytes = 192;

/** Room for the longest payload: the full form with every field is below 700 bytes. */
constexpr size_t maxPayloadBytes = 1024;

/**
 * The topic of a reading: `home/{home}/device/{device}/telemetry`, or `home/{home}/sensor/power/circuit/{circuit}` for
 * a circuit. False when it does not fit, or the input has no circuit.
 */
bool writeReadingTopic(const MeterIdentity& meter, uint8_t input, TextWriter& to);

/** `home/{home}/device/{device}/{leaf}`. */
bool writeDeviceTopic(const MeterIdentity& meter, const char* leaf, TextWriter& to);

/** `home/{home}/cmd/{device}/+`. */
bool writeCommandFilter(const MeterIdentity& meter, TextWriter& to);

/**
 * The short form, or the full form where the reading has phases or exported energy. `epochMs` is written as `ts` or
 * `timestamp`; null leaves it out, so that the hub takes the time of arrival.
 */
bool writeReading(const MeterIdentity& meter, const Reading& reading, const int64_t* epochMs, TextWriter& to);

/** How the meter itself fares: `{"status":{"wifi_rssi":-65,"uptime_seconds":86400}}`. */
bool writeHealth(int signalDbm, uint32_t uptimeS, TextWriter& to);

}  // namespace faiban
