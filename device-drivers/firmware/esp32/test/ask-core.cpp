#include <cstring>

#include "check.h"
#include "command.h"
#include "manifest.h"
#include "payload.h"

using namespace faiban;

/**
 * The core as a program that other programs can ask. `payloads SEED` writes readings as JSON lines: topic, payload, and
 * the fields that went in. `manifest MODEL VERSION` reads a manifest and writes the text that its signature is of, the
 * signature, and what would be done if the signature is good. `command KIND` reads a command's payload, and writes the
 * result that it would get if it is done.
 */
namespace {

/** In the order of `Field`, with the size of what homes have. */
constexpr struct {
  const char* name;
  int64_t most;
  bool isSigned;
} fields[fieldCount] = {
    {"powerDeciW", 300'000, true},
    {"reactivePowerDeciVar", 300'000, true},
    {"apparentPowerDeciVa", 300'000, false},
    {"voltageCentiV", 48'000, false},
    {"currentMilliA", 400'000, false},
    {"powerFactorMilli", 1'000, true},
    {"frequencyCentiHz", 6'500, false},
    {"importWh", 999'999'999, false},
    {"exportWh", 999'999'999, false},
    {"powerL1DeciW", 300'000, true},
    {"powerL2DeciW", 300'000, true},
    {"powerL3DeciW", 300'000, true},
    {"voltageL1CentiV", 48'000, false},
    {"voltageL2CentiV", 48'000, false},
    {"voltageL3CentiV", 48'000, false},
    {"currentL1MilliA", 400'000, false},
    {"currentL2MilliA", 400'000, false},
    {"currentL3MilliA", 400'000, false},
};

/** Half of the readings have what one phase has, the others anything. */
Reading randomReading(Chance& chance) {
  Reading reading;
  reading.input = static_cast<uint8_t>(chance.below(3));
  const size_t count = chance.below(2) == 0 ? static_cast<size_t>(Field::exportWh) : fieldCount;
  for (size_t i = 0; i < count; i++) {
    if (chance.below(3) == 0) continue;
    const auto any = static_cast<int64_t>(chance.below(static_cast<uint32_t>(fields[i].most)));
    int64_t value = chance.below(8) == 0 ? 0 : any;
    if (fields[i].isSigned && chance.below(2) == 0) value = -value;
    reading.set(static_cast<Field>(i), value);
  }
  if (reading.present == 0) reading.set(Field::powerDeciW, 1);
  return reading;
}

int writePayloads(uint64_t seed) {
  static const char* const circuits[] = {"kitchen", "air-con-2"};
  const MeterIdentity meter{"home", "meter-1", circuits, 2};
  Chance chance(seed);
  for (int i = 0; i < 2'000; i++) {
    Reading reading = randomReading(chance);
    if (reading.input != 0 && (reading.present >> static_cast<unsigned>(Field::exportWh)) != 0) reading.input = 0;
    const int64_t epochMs = 1'700'000'000'000 + static_cast<int64_t>(chance.next() >> 27);
    const bool hasTime = chance.below(5) != 0;
    char topic[maxTopicBytes];
    char payload[maxPayloadBytes];
    TextWriter topicWriter(topic, sizeof topic);
    TextWriter payloadWriter(payload, sizeof payload);
    CHECK(writeReadingTopic(meter, reading.input, topicWriter));
    CHECK(writeReading(meter, reading, hasTime ? &epochMs : nullptr, payloadWriter));
    CHECK(payloadWriter.text().size < 700);
    char line[4096];
    TextWriter writer(line, sizeof line);
    writer.add("{\"topic\":").addQuoted(textOf(topic)).add(",\"payload\":").addQuoted(textOf(payload));
    if (hasTime) writer.add(",\"timeMs\":").addNumber(epochMs);
    writer.add(",\"fields\":{");
    bool isFirst = true;
    for (size_t f = 0; f < fieldCount; f++) {
      if (!reading.has(static_cast<Field>(f))) continue;
      writer.add(isFirst ? "" : ",").addQuoted(textOf(fields[f].name)).add(":").addNumber(reading.values[f]);
      isFirst = false;
    }
    CHECK(writer.add("}}").isWhole());
    puts(line);
  }
  char health[128];
  TextWriter writer(health, sizeof health);
  CHECK(writeHealth(-65, 86'400, writer));
  char line[256];
  TextWriter last(line, sizeof line);
  last.add("{\"topic\":\"home/home/device/meter-1/telemetry\",\"payload\":");
  CHECK(last.addQuoted(textOf(health)).add("}").isWhole());
  puts(line);
  return 0;
}

struct Trusting final : SignatureCheck {
  bool isValid(const uint8_t (&)[signatureBytes], Bytes) const override { return true; }
};

int readManifest(const char* model, const char* version) {
  char json[2048];
  const size_t size = fread(json, 1, sizeof json, stdin);
  Manifest manifest;
  char line[1024];
  TextWriter writer(line, sizeof line);
  if (const char* const why = parseManifest({json, size}, manifest)) {
    writer.add("{\"rejected\":").addQuoted(textOf(why)).add("}");
    puts(line);
    return 0;
  }
  UpdateRules rules;
  rules.model = model;
  rules.roomBytes = 1'441'792;
  CHECK(parseVersion(textOf(version), rules.running));
  char text[192];
  TextWriter signedText(text, sizeof text);
  CHECK(writeSignedText(manifest, signedText));
  writer.add("{\"signedText\":").addQuoted(textOf(text)).add(",\"signature\":\"");
  writer.addHex(manifest.signature, signatureBytes).add("\",\"path\":").addQuoted(textOf(manifest.path));
  writer.add(",\"verdict\":").addQuoted(textOf(verdictText(judgeManifest(manifest, rules, Trusting()))));
  CHECK(writer.add("}").isWhole());
  puts(line);
  return 0;
}

int answerCommand(const char* kind) {
  char json[1024];
  const size_t size = fread(json, 1, sizeof json, stdin);
  Command command;
  const char* const error = parseCommand(textOf(kind), {json, size}, command);
  char result[512];
  TextWriter writer(result, sizeof result);
  CHECK(writeResult(command, textOf(kind), error, writer));
  puts(result);
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  if (count == 3 && strcmp(arguments[1], "payloads") == 0) return writePayloads(strtoull(arguments[2], nullptr, 10));
  if (count == 4 && strcmp(arguments[1], "manifest") == 0) return readManifest(arguments[2], arguments[3]);
  if (count == 3 && strcmp(arguments[1], "command") == 0) return answerCommand(arguments[2]);
  return 2;
}
