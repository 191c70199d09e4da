#include "payload.h"

namespace faiban {

namespace {

/** How a field is called: in the short form (null: it has no place there), and in the full form by group and leaf. */
struct FieldName {
  Field field;
  const char* shortKey;
  const char* group;
  const char* leaf;  // null: the group is the value
  uint8_t decimals;
};

/** In the order of the full form, group by group. */
constexpr FieldName names[] = {
    {Field::powerDeciW, "w", "power", "active", 1},
    {Field::reactivePowerDeciVar, "var", "power", "reactive", 1},
    {Field::apparentPowerDeciVa, "va", "power", "apparent", 1},
    {Field::powerL1DeciW, nullptr, "power", "l1", 1},
    {Field::powerL2DeciW, nullptr, "power", "l2", 1},
    {Field::powerL3DeciW, nullptr, "power", "l3", 1},
    {Field::voltageCentiV, "v", "voltage", "avg", 2},
    {Field::voltageL1CentiV, nullptr, "voltage", "l1", 2},
    {Field::voltageL2CentiV, nullptr, "voltage", "l2", 2},
    {Field::voltageL3CentiV, nullptr, "voltage", "l3", 2},
    {Field::currentMilliA, "a", "current", "total", 3},
    {Field::currentL1MilliA, nullptr, "current", "l1", 3},
    {Field::currentL2MilliA, nullptr, "current", "l2", 3},
    {Field::currentL3MilliA, nullptr, "current", "l3", 3},
    {Field::powerFactorMilli, "pf", "power_factor", nullptr, 3},
    {Field::frequencyCentiHz, "hz", "frequency", nullptr, 2},
    {Field::importWh, "kwh", "energy", "total_kwh", 3},
    {Field::exportWh, nullptr, "energy", "export_total_kwh", 3},
};
static_assert(sizeof names / sizeof names[0] == fieldCount, "every field has a name");

bool isShort(const Reading& reading) {
  for (const FieldName& name : names)
    if (name.shortKey == nullptr && reading.has(name.field)) return false;
  return true;
}

/** Puts commas between members. */
class Members {
 public:
  explicit Members(TextWriter& to) : to_(to) {}
  TextWriter& key(const char* name) {
    to_.add(isFirst_ ? "{\"" : ",\"").add(name).add("\":");
    isFirst_ = false;
    return to_;
  }
  void close() { to_.add(isFirst_ ? "{}" : "}"); }

 private:
  TextWriter& to_;
  bool isFirst_ = true;
};

/** A circuit's topic names no device, so its payload does. */
void writeShort(const MeterIdentity& meter, const Reading& reading, const int64_t* epochMs, TextWriter& to) {
  Members members(to);
  if (reading.input != 0) members.key("device_id").addQuoted(textOf(meter.device));
  for (const FieldName& name : names)
    if (reading.has(name.field)) members.key(name.shortKey).addDecimal(reading.get(name.field), name.decimals);
  if (epochMs != nullptr) members.key("ts").addNumber(*epochMs);
  members.close();
}

/** The members of a group that the reading has, from `at` on; returns where the next group begins. */
size_t writeGroup(const Reading& reading, size_t at, Members& data, TextWriter& to) {
  const Text group = textOf(names[at].group);
  Members leaves(to);
  bool isOpen = false;
  for (; at < fieldCount && group.is(names[at].group); at++) {
    const FieldName& name = names[at];
    if (!reading.has(name.field)) continue;
    if (!isOpen) data.key(name.group);
    isOpen = true;
    TextWriter& value = name.leaf == nullptr ? to : leaves.key(name.leaf);
    value.addDecimal(reading.get(name.field), name.decimals);
    if (name.leaf == nullptr) isOpen = false;
  }
  if (isOpen) leaves.close();
  return at;
}

void writeFull(const MeterIdentity& meter, const Reading& reading, const int64_t* epochMs, TextWriter& to) {
  Members members(to);
  members.key("schema_version").add("\"1.0\"");
  members.key("device_id").addQuoted(textOf(meter.device));
  members.key("home_id").addQuoted(textOf(meter.home));
  if (epochMs != nullptr) members.key("timestamp").addNumber(*epochMs);
  members.key("data");
  Members data(to);
  for (size_t at = 0; at < fieldCount;) at = writeGroup(reading, at, data, to);
  data.close();
  members.close();
}

}  // namespace

bool writeReadingTopic(const MeterIdentity& meter, uint8_t input, TextWriter& to) {
  if (input == 0) return writeDeviceTopic(meter, "telemetry", to);
  if (input > meter.circuitCount) return false;
  return to.add("home/").add(meter.home).add("/sensor/power/circuit/").add(meter.circuits[input - 1]).isWhole();
}

bool writeDeviceTopic(const MeterIdentity& meter, const char* leaf, TextWriter& to) {
  return to.add("home/").add(meter.home).add("/device/").add(meter.device).add("/").add(leaf).isWhole();
}

bool writeCommandFilter(const MeterIdentity& meter, TextWriter& to) {
  return to.add("home/").add(meter.home).add("/cmd/").add(meter.device).add("/+").isWhole();
}

bool writeReading(const MeterIdentity& meter, const Reading& reading, const int64_t* epochMs, TextWriter& to) {
  if (isShort(reading)) writeShort(meter, reading, epochMs, to);
  else writeFull(meter, reading, epochMs, to);
  return to.isWhole();
}

bool writeHealth(int signalDbm, uint32_t uptimeS, TextWriter& to) {
  to.add("{\"status\":{\"wifi_rssi\":").addNumber(signalDbm);
  return to.add(",\"uptime_seconds\":").addNumber(uptimeS).add("}}").isWhole();
}

}  // namespace faiban
