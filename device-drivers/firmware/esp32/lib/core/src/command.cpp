#include "command.h"

#include <cstring>

#include "json.h"

namespace faiban {

namespace {

struct Bounds {
  int64_t least;
  int64_t most;
};

/** A number within bounds, in units of its last decimal, or 0 when it is absent; false when it is something else. */
bool readOptional(const JsonObject& body, const char* key, unsigned decimals, Bounds bounds, uint32_t& to) {
  if (body.find(key) == nullptr) return true;
  int64_t value = 0;
  if (!body.decimal(key, decimals, value) || value < bounds.least || value > bounds.most) return false;
  to = static_cast<uint32_t>(value);
  return true;
}

const char* readConfig(const JsonObject& body, Command& command) {
  if (!readOptional(body, "interval_ms", 0, {leastIntervalMs, mostIntervalMs}, command.intervalMs))
    return "interval_ms must be 1000 to 300000";
  if (!readOptional(body, "pulses_per_kwh", 0, {1, 100'000}, command.pulsesPerKwh))
    return "pulses_per_kwh must be 1 to 100000";
  const JsonMember* const update = body.find("check_update");
  command.checksUpdate = update != nullptr && update->kind == JsonMember::Kind::boolean && update->value.is("true");
  const bool isAny = command.intervalMs != 0 || command.pulsesPerKwh != 0 || command.checksUpdate;
  return isAny ? nullptr : "nothing to set: send interval_ms, pulses_per_kwh or check_update";
}

const char* readCalibration(const JsonObject& body, Command& command) {
  uint32_t input = 0;
  if (!readOptional(body, "input", 0, {0, 16}, input)) return "input must be 0 to 16";
  command.input = static_cast<uint8_t>(input);
  if (!readOptional(body, "voltage_v", 2, {80'00, 480'00}, command.voltageCentiV))
    return "voltage_v must be 80 to 480";
  if (!readOptional(body, "current_a", 3, {100, 1'000'000}, command.currentMilliA))
    return "current_a must be 0.1 to 1000";
  const bool isAny = command.voltageCentiV != 0 || command.currentMilliA != 0;
  return isAny ? nullptr : "nothing to calibrate: send voltage_v or current_a as a reference instrument shows it";
}

}  // namespace

const char* parseCommand(Text topicsLastLevel, Text payload, Command& command) {
  command = Command{};
  JsonObject body;
  if (!body.parse(payload)) return "the payload is not a small JSON object";
  if (!body.string("id", command.id, sizeof command.id) || command.id[0] == 0)
    return "the payload has no id of 1 to 64 characters";
  if (topicsLastLevel.is("reboot")) {
    command.kind = Command::Kind::reboot;
    return nullptr;
  }
  if (topicsLastLevel.is("config")) {
    command.kind = Command::Kind::config;
    return readConfig(body, command);
  }
  if (topicsLastLevel.is("calibrate")) {
    command.kind = Command::Kind::calibrate;
    return readCalibration(body, command);
  }
  return "the command is not reboot, config or calibrate";
}

bool writeResult(const Command& command, Text kind, const char* error, TextWriter& to) {
  to.add("{\"id\":");
  if (command.id[0] == 0) to.add("null");
  else to.addQuoted(textOf(command.id));
  to.add(",\"command\":").addQuoted(kind).add(",\"ok\":").add(error == nullptr ? "true" : "false");
  if (error != nullptr) to.add(",\"error\":").addQuoted(textOf(error));
  return to.add("}").isWhole();
}

bool RecentCommands::isRepeated(const char* id) {
  for (const auto& known : ids_)
    if (strcmp(known, id) == 0) return true;
  textOf(id).copyTo(ids_[next_], sizeof ids_[next_]);
  next_ = (next_ + 1) % capacity;
  return false;
}

}  // namespace faiban
