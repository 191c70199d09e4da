#include <cmath>
#include <cstring>
#include <initializer_list>

#include "ac-meter.h"
#include "backoff.h"
#include "boot-times.h"
#include "check.h"
#include "command.h"
#include "energy.h"
#include "json.h"
#include "payload.h"
#include "pulses.h"
#include "pzem.h"

using namespace faiban;

namespace {

Reading randomReading(Chance& chance) {
  Reading reading;
  reading.time = {chance.below(2) == 0, 0, static_cast<int64_t>(chance.next() >> 12) - (1ll << 40)};
  if (!reading.time.isEpoch) reading.time.boot = static_cast<uint32_t>(chance.next());
  reading.input = static_cast<uint8_t>(chance.next());
  for (size_t i = 0; i < fieldCount; i++)
    if (chance.below(2) == 0)
      reading.set(static_cast<Field>(i), static_cast<int64_t>(chance.next()) >> chance.below(64));
  return reading;
}

Text asText(const char* text) { return textOf(text); }

}  // namespace

TEST("sums are those of the standards") {
  const auto* const digits = reinterpret_cast<const uint8_t*>("123456789");
  CHECK_EQUAL(crc32({digits, 9}), 0xcbf43926u);  // the check value of CRC-32/ISO-HDLC
  CHECK_EQUAL(crc32({digits + 4, 5}, crc32({digits, 4})), 0xcbf43926u);
  CHECK_EQUAL(crc16Modbus({digits, 9}), 0x4b37u);  // the check value of CRC-16/MODBUS
}

TEST("every reading comes back from its record, and no record is longer than the limit") {
  Chance chance(3);
  for (int i = 0; i < 20'000; i++) {
    const Reading reading = randomReading(chance);
    uint8_t record[maxRecordBytes];
    const size_t size = encodeReading(reading, record, sizeof record);
    CHECK(size > 0);
    Reading found;
    CHECK(decodeReading({record, size}, found));
    CHECK(memcmp(&found.values, &reading.values, sizeof reading.values) == 0);
    CHECK_EQUAL(found.present, reading.present);
    CHECK_EQUAL(found.time.ms, reading.time.ms);
    CHECK_EQUAL(found.time.boot, reading.time.boot);
    CHECK_EQUAL(found.input, reading.input);
    for (size_t room = 0; room < size; room++) CHECK_EQUAL(encodeReading(reading, record, room), 0u);
    CHECK(!decodeReading({record, size - 1}, found));
  }
}

TEST("a record of any bytes is read without harm") {
  Chance chance(4);
  Reading reading;
  uint8_t record[60];
  for (int i = 0; i < 50'000; i++) {
    const size_t size = chance.below(sizeof record);
    for (size_t j = 0; j < size; j++) record[j] = static_cast<uint8_t>(chance.next());
    if (size > 0) record[0] = static_cast<uint8_t>(0x10 | (record[0] & 1));
    decodeReading({record, size}, reading);
  }
}

TEST("a usual reading of one phase takes less than 40 bytes") {
  Reading reading;
  reading.time = {true, 0, 1'760'000'000'000};
  reading.set(Field::powerDeciW, 23'457);
  reading.set(Field::voltageCentiV, 229'90);
  reading.set(Field::currentMilliA, 10'345);
  reading.set(Field::powerFactorMilli, 985);
  reading.set(Field::frequencyCentiHz, 50'02);
  reading.set(Field::importWh, 15'234'560);
  uint8_t record[maxRecordBytes];
  // With its head of 6 bytes: 17,280 of them, a day at 5 s, take 173 of the 288 blocks.
  CHECK(encodeReading(reading, record, sizeof record) < 34);
}

TEST("waiting doubles up to the most, and half of it is chance") {
  Backoff backoff(1'000, 60'000);
  CHECK_EQUAL(backoff.nextMs(0), 500u);
  CHECK_EQUAL(backoff.nextMs(1000), 2'000u);
  for (int i = 0; i < 10; i++) backoff.nextMs(0);
  Chance chance(1);
  for (int i = 0; i < 1'000; i++) {
    const uint32_t waitMs = backoff.nextMs(static_cast<uint32_t>(chance.next()));
    CHECK(waitMs >= 30'000 && waitMs <= 60'000);
  }
  backoff.reset();
  CHECK(backoff.nextMs(999) <= 1'000);
}

TEST("starts without a clock are chained backwards, and a reading with a known time ends a chain") {
  BootTimes times;
  times.begin(9);
  times.note({false, 3, 10'000});
  times.note({false, 4, 20'000});
  times.note({true, 0, 500'000});
  times.note({false, 6, 5'000});
  int64_t ms = 0;
  CHECK(!times.epochOf({false, 6, 5'000}, ms));
  times.learn(900'000);
  CHECK(times.epochOf({false, 9, 100}, ms));
  CHECK_EQUAL(ms, 900'100);
  CHECK(times.epochOf({false, 6, 5'000}, ms));
  CHECK_EQUAL(ms, 899'000);
  CHECK(times.epochOf({false, 4, 20'000}, ms));
  CHECK_EQUAL(ms, 499'000);
  CHECK(times.epochOf({false, 3, 10'000}, ms));
  CHECK_EQUAL(ms, 499'000 - 20'000 - 1'000);
  CHECK(times.isForgotten({false, 1, 0}));
}

TEST("the ninth start without a clock costs the first") {
  BootTimes times;
  times.begin(100);
  for (uint32_t boot = 1; boot <= 9; boot++) times.note({false, boot, 1'000});
  times.learn(1'000'000);
  CHECK(times.isForgotten({false, 1, 1'000}));
  for (uint32_t boot = 2; boot <= 9; boot++) CHECK(!times.isForgotten({false, boot, 1'000}));
}

TEST("numbers are written exactly") {
  char text[64];
  const auto written = [&text](int64_t scaled, unsigned decimals) {
    TextWriter writer(text, sizeof text);
    writer.addDecimal(scaled, decimals);
    return text;
  };
  CHECK(strcmp(written(12505, 1), "1250.5") == 0);
  CHECK(strcmp(written(-5, 2), "-0.05") == 0);
  CHECK(strcmp(written(0, 3), "0.000") == 0);
  CHECK(strcmp(written(0, 0), "0") == 0);
  CHECK(strcmp(written(INT64_MIN, 0), "-9223372036854775808") == 0);
  TextWriter small(text, 4);
  CHECK(!small.addNumber(12345).isWhole());
  CHECK(strcmp(text, "123") == 0);
  TextWriter quoted(text, sizeof text);
  quoted.addQuoted(asText("a\"\\\n"));
  CHECK(strcmp(text, "\"a\\\"\\\\\\u000a\"") == 0);
}

TEST("a small object is read, and what is not JSON is refused") {
  JsonObject object;
  CHECK(object.parse(asText(" {\"a\" : 1.25, \"b\":[1,{\"c\":\"}\"}], \"d\":\"x\", \"e\":true,\"f\":null } ")));
  int64_t scaled = 0;
  CHECK(object.decimal("a", 1, scaled));
  CHECK_EQUAL(scaled, 12);
  CHECK(object.decimal("a", 4, scaled));
  CHECK_EQUAL(scaled, 12'500);
  char text[4];
  CHECK(object.string("d", text, sizeof text) && strcmp(text, "x") == 0);
  CHECK(!object.string("a", text, sizeof text));
  CHECK(object.find("c") == nullptr);
  for (const char* bad : {"", "{", "{}x", "[]",
                          "{\"a\":}", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "{\"a\":\"x}", "{\"a\":01x}",
                          "{\"a\":1.}", "{\"a\":-}", "{\"a\":tru}", "{\"a\":\"\\", "{\"a\":[[[[[[[[[[1]]]]]]]]]]}"})
    CHECK(!object.parse(asText(bad)));
  CHECK(object.parse(asText("{\"a\":1e5,\"b\":99999999999999999999}")));
  CHECK(!object.decimal("a", 0, scaled));
  CHECK(!object.decimal("b", 0, scaled));
}

TEST("any text is parsed as an object without harm") {
  Chance chance(6);
  static const char signs[] = "{}[]\":,\\ 0123456789.-eEtruefalsnl\x01\xff";
  JsonObject object;
  char text[80];
  for (int i = 0; i < 100'000; i++) {
    const size_t size = chance.below(sizeof text);
    for (size_t j = 0; j < size; j++) text[j] = signs[chance.below(sizeof signs)];
    if (size > 0) text[0] = '{';
    object.parse({text, size});
  }
}

TEST("commands are read, and their faults have words") {
  Command command;
  CHECK(parseCommand(asText("reboot"), asText("{\"id\":\"r1\"}"), command) == nullptr);
  CHECK(command.kind == Command::Kind::reboot && strcmp(command.id, "r1") == 0);
  CHECK(parseCommand(asText("config"), asText("{\"id\":\"c1\",\"interval_ms\":5000}"), command) == nullptr);
  CHECK_EQUAL(command.intervalMs, 5000u);
  CHECK(parseCommand(asText("config"), asText("{\"id\":\"c2\",\"check_update\":true}"), command) == nullptr);
  CHECK(command.checksUpdate);
  const char* const calibration = "{\"id\":\"k\",\"input\":2,\"voltage_v\":229.8,\"current_a\":4.35}";
  CHECK(parseCommand(asText("calibrate"), asText(calibration), command) == nullptr);
  CHECK_EQUAL(command.voltageCentiV, 22'980u);
  CHECK_EQUAL(command.currentMilliA, 4'350u);
  CHECK_EQUAL(command.input, 2u);
  for (const char* bad : {"{}", "{\"id\":\"\"}", "{\"id\":7}", "reboot", ""})
    CHECK(parseCommand(asText("reboot"), asText(bad), command) != nullptr);
  for (const char* bad : {"{\"id\":\"x\"}", "{\"id\":\"x\",\"interval_ms\":1}",
                          "{\"id\":\"x\",\"interval_ms\":\"5000\"}"})
    CHECK(parseCommand(asText("config"), asText(bad), command) != nullptr);
  CHECK(strcmp(command.id, "x") == 0);
  CHECK(parseCommand(asText("format"), asText("{\"id\":\"x\"}"), command) != nullptr);
  char text[256];
  TextWriter writer(text, sizeof text);
  CHECK(writeResult(command, asText("format"), "no \"such\" thing", writer));
  CHECK(strcmp(text, "{\"id\":\"x\",\"command\":\"format\",\"ok\":false,\"error\":\"no \\\"such\\\" thing\"}") == 0);
}

TEST("a command that comes twice is known") {
  RecentCommands recent;
  CHECK(!recent.isRepeated("a"));
  CHECK(recent.isRepeated("a"));
  for (const char* id : {"b", "c", "d", "e"}) CHECK(!recent.isRepeated(id));
  CHECK(recent.isRepeated("e"));
  CHECK(!recent.isRepeated("a"));
}

TEST("registers lose nothing to rounding, and count import and export apart") {
  EnergyRegisters registers;
  registers.restore(1'000, 5);
  for (int i = 0; i < 720; i++) registers.add(1'234, 5'000);  // 123.4 W for an hour
  CHECK_EQUAL(registers.importWh(), 1'123u);
  for (int i = 0; i < 720 * 10; i++) registers.add(-1, 5'000);  // 0.1 W back for ten hours
  CHECK_EQUAL(registers.exportWh(), 6u);
  registers.add(1'000'000, EnergyRegisters::mostGapMs + 1);
  CHECK_EQUAL(registers.importWh(), 1'123u);
}

TEST("pulses count energy, and the time between them is power") {
  PulseMeter meter(1'000);
  int64_t powerDeciW = 0;
  CHECK(meter.pulse(0xffffff00u));
  CHECK(!meter.power(0xffffff00u, powerDeciW));
  CHECK(!meter.pulse(0xffffff00u + 20));  // a bounce
  CHECK(meter.pulse(0xffffff00u + 3'600));  // the clock wrapped
  CHECK(meter.power(0xffffff00u + 4'000, powerDeciW));
  CHECK_EQUAL(powerDeciW, 10'000);  // 1 Wh in 3.6 s is 1 kW
  CHECK(meter.power(0xffffff00u + 3'600 + 36'000, powerDeciW));
  CHECK_EQUAL(powerDeciW, 1'000);  // no pulse for 36 s: at most 100 W
  CHECK(meter.power(0xffffff00u + 3'600 + 3'600'000, powerDeciW));
  CHECK_EQUAL(powerDeciW, 0);
  meter.restore(1'234'567);
  CHECK_EQUAL(meter.importWh(), 1'234'567u);
  PulseMeter fine(3'200);
  fine.restore(UINT64_C(16'000'000'000));
  CHECK_EQUAL(fine.importWh(), UINT64_C(5'000'000'000));
}

TEST("RMS, power and power factor of sampled waves are right, whatever zero is") {
  const double turn = 2 * std::acos(-1.0);
  for (const double lag : {0.0, turn / 12, turn / 4, turn / 2}) {
    AcMeter meter;
    for (int i = 0; i < 2'000; i++) {  // 20 cycles of 100 samples
      const double angle = turn * i / 100;
      meter.add(static_cast<int16_t>(std::lround(1'870 + 1'000 * std::sin(angle))),
                static_cast<int16_t>(std::lround(2'103 + 800 * std::sin(angle - lag))));
    }
    AcCalibration calibration;
    calibration.voltsPerCount = 0.325F;
    calibration.ampsPerCount = 0.02F;
    AcResult result;
    CHECK(meter.finish(calibration, result));
    CHECK(std::fabs(result.voltageV - 229.8F) < 0.2F);
    CHECK(std::fabs(result.currentA - 11.31F) < 0.02F);
    CHECK(std::fabs(result.powerW - 2'600 * std::cos(lag)) < 4);
    CHECK(std::fabs(result.powerFactor - std::cos(lag)) < 0.002);
  }
}

TEST("a clamp that lags is put right, one the other way round too, and noise is nothing") {
  const double turn = 2 * std::acos(-1.0);
  AcMeter meter;
  AcCalibration calibration;
  AcResult result;
  const auto sample = [&](double lag, double amps) {
    for (int i = 0; i < 2'000; i++) {
      const double angle = turn * i / 100;
      meter.add(static_cast<int16_t>(std::lround(2'000 * std::sin(angle))),
                static_cast<int16_t>(std::lround(amps * std::sin(angle - lag))));
    }
    CHECK(meter.finish(calibration, result));
  };
  calibration.phaseShift = 0;  // the voltage of one sample, 3.6 degrees, before
  sample(turn / 100, 1'000);
  CHECK(result.powerFactor > 0.9999F);
  calibration.phaseShift = 1;
  calibration.ampsPerCount = -1;
  sample(0, 1'000);
  CHECK(result.powerFactor < -0.9999F && result.currentA > 0);
  calibration.leastA = 5;
  sample(0, 3);
  CHECK(result.currentA == 0 && result.powerW == 0 && result.powerFactor == 0);
  CHECK(!meter.finish(calibration, result));
}

TEST("windows hold whole cycles, whatever the sampling rate, and end without a voltage too") {
  const double turn = 2 * std::acos(-1.0);
  AcWindow window;
  AcCalibration calibration;
  AcResult result;
  int windows = 0;
  for (int i = 0; i < 100'000; i++) {
    const double angle = turn * 49.7 * i / 8'731;
    const auto volts = static_cast<int16_t>(std::lround(1'900 + 1'000 * std::sin(angle)));
    const auto amps = static_cast<int16_t>(std::lround(1'900 + 500 * std::sin(angle)));
    if (!window.add(volts, amps)) continue;
    CHECK(window.finish(calibration, result));
    if (++windows < 3) continue;  // it first has to find the middle
    CHECK(std::fabs(result.voltageV - 707.1F) < 0.4F);
    CHECK(std::fabs(result.powerW - 250'000) < 250);
  }
  CHECK(windows > 10);
  windows = 0;
  for (int i = 0; i < 60'000; i++) {
    if (!window.add(1'900, 1'900)) continue;
    CHECK(window.finish(calibration, result));
    if (++windows > 1) CHECK(result.voltageV < 1 && result.powerW == 0);
  }
  CHECK(windows >= 3);
}

TEST("a correction of more than two fold is refused") {
  float factor = 1;
  CHECK(correctionOf(230, 220, factor));
  CHECK(std::fabs(factor - 1.0454545F) < 1e-5F);
  CHECK(!correctionOf(230, 2.3F, factor));
  CHECK(!correctionOf(1, 0, factor));
  CHECK(!correctionOf(NAN, 1, factor));
}

TEST("a PZEM is asked and understood") {
  uint8_t request[pzemRequestBytes];
  writePzemRequest(0xf8, request);
  const uint8_t expected[] = {0xf8, 0x04, 0x00, 0x00, 0x00, 0x0a, 0x64, 0x64};
  CHECK(memcmp(request, expected, sizeof request) == 0);
  uint8_t response[pzemResponseBytes] = {0x01, 0x04, 0x14, 0x08, 0xfd, 0x28, 0x69, 0x00, 0x00, 0x5b, 0xa1, 0x00,
                                         0x00, 0x75, 0x30, 0x00, 0xe8, 0x01, 0xf4, 0x00, 0x62, 0x00, 0x00};
  const uint16_t crc = crc16Modbus({response, 23});
  response[23] = static_cast<uint8_t>(crc);
  response[24] = static_cast<uint8_t>(crc >> 8);
  Reading reading;
  CHECK(parsePzemResponse({response, sizeof response}, reading));
  CHECK_EQUAL(reading.get(Field::voltageCentiV), 23'010);
  CHECK_EQUAL(reading.get(Field::currentMilliA), 10'345);
  CHECK_EQUAL(reading.get(Field::powerDeciW), 23'457);
  CHECK_EQUAL(reading.get(Field::importWh), (0xe8 << 16) + 0x7530);
  CHECK_EQUAL(reading.get(Field::frequencyCentiHz), 5'000);
  CHECK_EQUAL(reading.get(Field::powerFactorMilli), 980);
  for (size_t i = 0; i < sizeof response; i++) {
    response[i] ^= 0x04;
    CHECK(!parsePzemResponse({response, sizeof response}, reading));
    response[i] ^= 0x04;
  }
  CHECK(!parsePzemResponse({response, 24}, reading));
}

TEST("topics are those of the format") {
  static const char* const circuits[] = {"kitchen"};
  const MeterIdentity meter{"home", "meter-1", circuits, 1};
  char text[maxTopicBytes];
  TextWriter telemetry(text, sizeof text);
  CHECK(writeReadingTopic(meter, 0, telemetry) && strcmp(text, "home/home/device/meter-1/telemetry") == 0);
  TextWriter circuit(text, sizeof text);
  CHECK(writeReadingTopic(meter, 1, circuit) && strcmp(text, "home/home/sensor/power/circuit/kitchen") == 0);
  TextWriter none(text, sizeof text);
  CHECK(!writeReadingTopic(meter, 2, none));
  TextWriter filter(text, sizeof text);
  CHECK(writeCommandFilter(meter, filter) && strcmp(text, "home/home/cmd/meter-1/+") == 0);
}
