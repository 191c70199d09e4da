#include <Arduino.h>
#include <WiFi.h>
#include <esp_timer.h>

#include "command.h"
#include "firmware-update.h"
#include "hub-link.h"
#include "meter.h"
#include "partition-flash.h"
#include "settings.h"

/** A meter: measures, gives readings to the outbox, obeys the hub. */
namespace {

using namespace faiban;

constexpr uint32_t healthMs = 60'000;
constexpr uint32_t saveMs = 300'000;
constexpr uint32_t dayMs = 86'400'000;
/** A clock before this was never set. */
constexpr int64_t earliestEpochMs = 1'735'689'600'000;  // 2025-01-01
/** Smaller corrections of the clock would only give readings that were sent twice two bootTimes. */
constexpr int64_t leastCorrectionMs = 2'000;

const MeterIdentity identity{kHomeId, kMqttUser, kCircuits, sizeof kCircuits / sizeof kCircuits[0]};
SavedState state;
PartitionFlash flash;
FlashRing ring(flash);
BootTimes bootTimes;
HubLink hubLink(identity);
Outbox outbox(ring, bootTimes, hubLink);
FirmwareUpdate update;
RecentCommands recentCommands;
uint32_t boot = 0;
uint32_t intervalMs = kIntervalMs;
bool wasConnected = false;

/** Happens each so often, the first time after one span. */
class Every {
 public:
  bool isDue(uint32_t nowMs, uint32_t spanMs) {
    if (nowMs - lastMs_ < spanMs) return false;
    // A meter that was held up does not catch up.
    lastMs_ = nowMs - lastMs_ < 2 * spanMs ? lastMs_ + spanMs : nowMs;
    return true;
  }

 private:
  uint32_t lastMs_ = 0;
};
Every measuring, health, saving, lookingForFirmware;

int64_t uptimeMs() { return esp_timer_get_time() / 1'000; }

/** The system's clock goes on over a restart, though not without power: one that was ever set is believed. */
void learnTime() {
  static int64_t knownStartMs = 0;
  timeval now = {};
  gettimeofday(&now, nullptr);
  const int64_t epochMs = static_cast<int64_t>(now.tv_sec) * 1'000 + now.tv_usec / 1'000;
  if (epochMs < earliestEpochMs) return;
  const int64_t startMs = epochMs - uptimeMs();
  if (bootTimes.isKnown() && llabs(startMs - knownStartMs) < leastCorrectionMs) return;
  knownStartMs = startMs;
  bootTimes.learn(startMs);
}

void measureAll(uint32_t nowMs) {
  for (uint8_t input = 0; input < meter().inputs(); input++) {
    Reading reading;
    reading.input = input;
    reading.time = {false, boot, uptimeMs()};
    if (!meter().measure(input, reading)) continue;
    int64_t epochMs = 0;
    if (bootTimes.epochOf(reading.time, epochMs)) reading.time = {true, 0, epochMs};
    outbox.add(reading, nowMs);
  }
}

void restart() {
  meter().save();
  outbox.disconnected();  // what is in flight goes to the flash
  delay(500);             // for the acknowledgement of the command, and its result
  ESP.restart();
}

const char* obey(const Command& command) {
  switch (command.kind) {
    case Command::Kind::reboot: return nullptr;
    case Command::Kind::calibrate: return meter().calibrate(command);
    case Command::Kind::config: break;
  }
  if (command.pulsesPerKwh != 0) {
    if (const char* const error = meter().setPulsesPerKwh(command.pulsesPerKwh)) return error;
  }
  if (command.intervalMs != 0) {
    intervalMs = command.intervalMs;
    state.setNumber("intervalMs", intervalMs);
  }
  if (command.checksUpdate) update.check();
  return nullptr;
}

void answer(const CommandMessage& message) {
  Command command;
  const char* error = parseCommand(textOf(message.kind), {message.payload, message.size}, command);
  // A command that comes again was done: it is answered again, and not done again; a restart also over the restart.
  const bool isReboot = command.kind == Command::Kind::reboot;
  const bool isDone = isReboot && state.text("rebootId") == command.id;
  const bool isNew = error == nullptr && !recentCommands.isRepeated(command.id) && !isDone;
  if (isNew) error = obey(command);
  char result[320];
  TextWriter writer(result, sizeof result);
  writeResult(command, textOf(message.kind), error, writer);
  hubLink.publishText("result", result, false);
  if (!isNew || !isReboot) return;
  state.setText("rebootId", command.id);
  restart();
}

void tellHealth() {
  char payload[96];
  TextWriter writer(payload, sizeof payload);
  writeHealth(WiFi.RSSI(), static_cast<uint32_t>(uptimeMs() / 1'000), writer);
  hubLink.publishText("telemetry", payload, false);
  const OutboxCounts counts = outbox.counts();
  Serial.printf("delivered %u, waiting %u, lost %u\n", static_cast<unsigned>(counts.delivered),
                static_cast<unsigned>(outbox.waiting()), static_cast<unsigned>(counts.lost));
}

void followLink(uint32_t nowMs) {
  hubLink.poll(nowMs, WiFi.isConnected());
  if (hubLink.isConnected() == wasConnected) return;
  wasConnected = hubLink.isConnected();
  if (!wasConnected) return outbox.disconnected();
  outbox.connected(nowMs);
  update.confirm();
  tellHealth();
}

}  // namespace

void setup() {
  Serial.begin(115200);
  Serial.printf("%s %s\n", FIRMWARE_MODEL, FIRMWARE_VERSION);
  state.begin();
  boot = state.nextBoot();
  intervalMs = static_cast<uint32_t>(state.number("intervalMs", kIntervalMs));
  if (!flash.begin() || !ring.open()) {
    Serial.println("There is no place for readings: flash the partition table too (pio run -t upload)");
    delay(10'000);
    ESP.restart();
  }
  bootTimes.begin(boot);
  outbox.begin();
  update.begin(state);
  meter().begin(state);
  WiFi.mode(WIFI_STA);
  WiFi.setAutoReconnect(true);
  WiFi.begin(kWifiName, kWifiPassword);
  configTime(0, 0, kTimeServer1, kTimeServer2);
  hubLink.begin();
}

void loop() {
  const auto nowMs = static_cast<uint32_t>(millis());
  learnTime();
  followLink(nowMs);
  for (int message; (message = hubLink.takeAcknowledgement()) != 0;) outbox.acknowledged(message);
  if (measuring.isDue(nowMs, intervalMs)) measureAll(nowMs);
  outbox.tick(nowMs);
  if (CommandMessage command; hubLink.takeCommand(command)) answer(command);
  if (health.isDue(nowMs, healthMs) && hubLink.isConnected()) tellHealth();
  if (saving.isDue(nowMs, saveMs)) meter().save();
  if (lookingForFirmware.isDue(nowMs, dayMs)) update.check();
  update.poll(nowMs);
  if (update.isInstalled()) restart();
  delay(20);
}
