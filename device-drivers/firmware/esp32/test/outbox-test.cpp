#include "outbox.h"

#include <map>
#include <set>
#include <vector>

#include "simulated-flash.h"

using namespace faiban;

namespace {

/** A hub at the other end of a bad line: takes readings, and answers when it likes. */
class SimulatedHub final : public Publisher {
 public:
  int publish(const Reading& reading, const int64_t* epochMs) override {
    if (isFull) return 0;
    last++;
    sent.push_back({last, reading.get(Field::importWh), epochMs == nullptr ? -1 : *epochMs});
    return last;
  }

  struct Message {
    int number;
    int64_t reading;
    int64_t epochMs;
  };
  std::vector<Message> sent;  // not yet answered
  int last = 0;
  bool isFull = false;
};

Reading readingAt(int64_t number, ReadingTime time) {
  Reading reading;
  reading.time = time;
  reading.set(Field::importWh, number);
  reading.set(Field::powerDeciW, number * 7 % 100'000);
  return reading;
}

ReadingTime epoch(int64_t ms) { return {true, 0, ms}; }

template <uint32_t blocks>
struct Meter {
  SimulatedFlash<blocks>& flash;
  SimulatedHub& hub;
  FlashRing ring{flash};
  BootTimes times;
  Outbox outbox{ring, times, hub};

  Meter(SimulatedFlash<blocks>& itsFlash, SimulatedHub& itsHub, uint32_t boot) : flash(itsFlash), hub(itsHub) {
    CHECK(ring.open());
    times.begin(boot);
    outbox.begin();
  }
};

/** Answers everything that was sent; what arrived is added to `arrived`. */
template <uint32_t blocks>
void answerAll(Meter<blocks>& meter, std::vector<SimulatedHub::Message>& arrived) {
  for (const auto& message : meter.hub.sent) {
    arrived.push_back(message);
    meter.outbox.acknowledged(message.number);
  }
  meter.hub.sent.clear();
}

}  // namespace

TEST("with the hub there, readings go out at once and the flash is not written") {
  SimulatedFlash<4> flash;
  SimulatedHub hub;
  Meter<4> meter(flash, hub, 1);
  meter.outbox.connected(0);
  std::vector<SimulatedHub::Message> arrived;
  for (uint32_t i = 0; i < 100; i++) {
    meter.outbox.add(readingAt(i, epoch(1'000'000 + i)), i * 5000);
    answerAll(meter, arrived);
    meter.outbox.tick(i * 5000 + 10);
  }
  CHECK_EQUAL(arrived.size(), 100u);
  CHECK_EQUAL(flash.programmed(), 0u);
  CHECK_EQUAL(meter.outbox.counts().delivered, 100u);
}

TEST("a day without the hub comes back oldest first, in small batches, while live readings go on") {
  static SimulatedFlash<288> flash;
  SimulatedHub hub;
  Meter<288> meter(flash, hub, 1);
  constexpr uint32_t day = 24 * 720;
  for (uint32_t i = 0; i < day; i++) meter.outbox.add(readingAt(i, epoch(i * 5000)), i * 5000);
  CHECK_EQUAL(meter.outbox.waiting(), day);

  uint32_t nowMs = (day - 1) * 5000;
  int64_t number = day;
  std::vector<SimulatedHub::Message> arrived;
  meter.outbox.connected(nowMs);
  for (uint32_t step = 0; meter.outbox.waiting() > 0; step++) {
    CHECK(step < 100'000);
    nowMs += 100;
    if (nowMs % 5000 == 0) {
      meter.outbox.add(readingAt(number, epoch(nowMs)), nowMs);
      CHECK_EQUAL(hub.sent.back().reading, number);  // live, past all that waits
      number++;
    }
    meter.outbox.tick(nowMs);
    CHECK(hub.sent.size() <= static_cast<size_t>(Outbox::batchSlots + Outbox::liveSlots));
    answerAll(meter, arrived);
  }
  std::vector<int64_t> old;
  for (const auto& message : arrived) {
    CHECK_EQUAL(message.epochMs, message.reading * 5000);  // the original time
    if (message.reading < day) old.push_back(message.reading);
  }
  CHECK_EQUAL(old.size(), day);
  for (uint32_t i = 0; i < day; i++) CHECK_EQUAL(old[i], i);
  CHECK_EQUAL(static_cast<int64_t>(arrived.size()), number);
  CHECK(nowMs - day * 5000 < 20 * 60'000);  // a day is sent within twenty minutes
}

TEST("between two batches there is a pause, in which the hub can breathe") {
  SimulatedFlash<4> flash;
  SimulatedHub hub;
  Meter<4> meter(flash, hub, 1);
  for (uint32_t i = 0; i < 20; i++) meter.outbox.add(readingAt(i, epoch(i)), i);
  std::vector<SimulatedHub::Message> arrived;
  meter.outbox.connected(1'000);
  meter.outbox.tick(1'000 + Outbox::batchPauseMs);
  CHECK_EQUAL(hub.sent.size(), static_cast<size_t>(Outbox::batchSlots));
  answerAll(meter, arrived);
  meter.outbox.tick(2'000);
  meter.outbox.tick(2'000 + Outbox::batchPauseMs - 1);
  CHECK(hub.sent.empty());
  meter.outbox.tick(2'000 + Outbox::batchPauseMs);
  CHECK_EQUAL(hub.sent.size(), static_cast<size_t>(Outbox::batchSlots));
}

TEST("a live reading that is not acknowledged in time is stored and sent again") {
  SimulatedFlash<4> flash;
  SimulatedHub hub;
  Meter<4> meter(flash, hub, 1);
  meter.outbox.connected(0);
  meter.outbox.add(readingAt(1, epoch(1000)), 0);
  meter.outbox.tick(Outbox::acknowledgeMs - 1);
  CHECK_EQUAL(meter.outbox.waiting(), 0u);
  meter.outbox.tick(Outbox::acknowledgeMs);
  CHECK_EQUAL(meter.outbox.waiting(), 1u);
  CHECK_EQUAL(hub.sent.size(), 2u);
  CHECK_EQUAL(hub.sent[1].reading, 1);
  meter.outbox.acknowledged(hub.sent[1].number);
  meter.outbox.tick(Outbox::acknowledgeMs + 100);
  CHECK_EQUAL(meter.outbox.waiting(), 0u);
}

TEST("what is in flight when the connection ends is stored in its order") {
  SimulatedFlash<4> flash;
  SimulatedHub hub;
  Meter<4> meter(flash, hub, 1);
  meter.outbox.connected(0);
  for (uint32_t i = 0; i < 3; i++) meter.outbox.add(readingAt(i, epoch(i)), i * 10);
  meter.outbox.acknowledged(hub.sent[0].number);
  hub.sent.clear();
  meter.outbox.add(readingAt(3, epoch(3)), 40);  // takes the first slot again
  meter.outbox.disconnected();
  CHECK_EQUAL(meter.outbox.waiting(), 3u);
  hub.sent.clear();
  meter.outbox.connected(1000);
  meter.outbox.tick(2000);
  CHECK_EQUAL(hub.sent.size(), 3u);
  for (int i = 0; i < 3; i++) CHECK_EQUAL(hub.sent[static_cast<size_t>(i)].reading, i + 1);
}

TEST("readings before the clock is set are held, and get their true time when it is") {
  SimulatedFlash<4> flash;
  SimulatedHub hub;
  Meter<4> meter(flash, hub, 7);
  meter.outbox.connected(0);
  for (uint32_t i = 0; i < 5; i++) meter.outbox.add(readingAt(i, {false, 7, i * 5000}), i * 5000);
  meter.outbox.tick(30'000);
  CHECK(hub.sent.empty());
  CHECK_EQUAL(meter.outbox.waiting(), 5u);
  meter.times.learn(1'700'000'000'000);
  meter.outbox.tick(31'000);
  CHECK_EQUAL(hub.sent.size(), 5u);
  for (size_t i = 0; i < 5; i++) CHECK_EQUAL(hub.sent[i].epochMs, 1'700'000'000'000 + static_cast<int64_t>(i) * 5000);
}

TEST("without any clock live readings go on without a time, and stored ones wait") {
  SimulatedFlash<4> flash;
  SimulatedHub hub;
  Meter<4> meter(flash, hub, 7);
  meter.outbox.add(readingAt(0, {false, 7, 0}), 0);
  meter.outbox.connected(1000);
  meter.outbox.add(readingAt(1, {false, 7, 60'000}), 60'000);
  CHECK(hub.sent.empty());
  meter.outbox.add(readingAt(2, {false, 7, 130'000}), 130'000);
  meter.outbox.tick(131'000);
  CHECK_EQUAL(hub.sent.size(), 1u);
  CHECK_EQUAL(hub.sent[0].reading, 2);
  CHECK_EQUAL(hub.sent[0].epochMs, -1);
  CHECK_EQUAL(meter.outbox.waiting(), 2u);
}

TEST("readings of an earlier start without a clock are placed just before the next start") {
  SimulatedFlash<4> flash;
  SimulatedHub hub;
  {
    Meter<4> first(flash, hub, 1);
    for (uint32_t i = 0; i < 3; i++) first.outbox.add(readingAt(i, {false, 1, 1000 + i * 5000}), i * 5000);
  }
  Meter<4> second(flash, hub, 2);
  second.outbox.connected(0);
  second.times.learn(1'700'000'000'000);
  second.outbox.tick(1000);
  CHECK_EQUAL(hub.sent.size(), 3u);
  CHECK_EQUAL(hub.sent[2].epochMs, 1'700'000'000'000 - 1000);
  CHECK_EQUAL(hub.sent[0].epochMs, 1'700'000'000'000 - 1000 - 10'000);
}

TEST("a record of a format that this firmware does not know is passed over") {
  SimulatedFlash<4> flash;
  SimulatedHub hub;
  Meter<4> meter(flash, hub, 1);
  const uint8_t strange[] = {0x99, 1, 2, 3};
  CHECK(meter.ring.append({strange, sizeof strange}));
  meter.outbox.add(readingAt(5, epoch(5)), 0);
  meter.outbox.connected(0);
  meter.outbox.tick(1000);
  CHECK_EQUAL(hub.sent.size(), 1u);
  meter.outbox.acknowledged(hub.sent[0].number);
  meter.outbox.tick(1100);
  CHECK_EQUAL(meter.outbox.waiting(), 0u);
  CHECK_EQUAL(meter.outbox.counts().lost, 1u);
}

TEST("whatever the line and the power do, every reading arrives with its own time, or was in memory at a power cut") {
  for (uint64_t seed = 1; seed <= 40; seed++) {
    static SimulatedFlash<16> flash;
    flash = SimulatedFlash<16>(seed);
    Chance chance(seed);
    std::map<int64_t, int64_t> arrived;  // reading, time
    std::set<int64_t> excused;           // in memory, or being written, when the power went
    int64_t number = 0;
    uint32_t nowMs = 0;
    for (uint32_t boot = 1; boot <= 6; boot++) {
      SimulatedHub hub;
      flash.powerOn();
      Meter<16> meter(flash, hub, boot);
      flash.cutAfter(3'000 + chance.below(30'000));
      bool isConnected = false;
      for (int step = 0; step < 3'000 && !flash.isOff(); step++) {
        nowMs += 100;
        if (chance.below(100) == 0) {
          isConnected = !isConnected;
          hub.sent.clear();
          if (isConnected) meter.outbox.connected(nowMs);
          else meter.outbox.disconnected();
        }
        hub.isFull = chance.below(50) == 0;
        if (step % 10 == 0) {
          meter.outbox.add(readingAt(number, epoch(number * 1000)), nowMs);
          number++;
        }
        meter.outbox.tick(nowMs);
        // Answers come for some, in any order, or never.
        for (size_t i = hub.sent.size(); i-- > 0;) {
          const auto message = hub.sent[i];
          if (chance.below(4) != 0) continue;
          arrived[message.reading] = message.epochMs;
          if (chance.below(10) != 0) meter.outbox.acknowledged(message.number);
          hub.sent.erase(hub.sent.begin() + static_cast<std::ptrdiff_t>(i));
        }
      }
      CHECK_EQUAL(meter.ring.lost(), 0u);
      for (int64_t i = number - 400; i < number; i++)
        if (i >= 0 && arrived.count(i) == 0) excused.insert(i);
      // Of those only what is neither on the flash nor arrived was in memory: at most the slots and the one in work.
      flash.powerOn();
      FlashRing ring(flash);
      CHECK(ring.open());
      auto place = ring.oldest();
      uint8_t record[maxRecordBytes];
      Reading reading;
      for (size_t size; (size = ring.read(place, record, sizeof record)) > 0; place = FlashRing::after(place, size)) {
        CHECK(decodeReading({record, size}, reading));
        excused.erase(reading.get(Field::importWh));
      }
      CHECK(excused.size() <= boot * (Outbox::liveSlots + 2));
    }
    // At last the hub is there for good.
    SimulatedHub hub;
    flash.powerOn();
    Meter<16> meter(flash, hub, 7);
    meter.outbox.connected(nowMs);
    std::vector<SimulatedHub::Message> rest;
    for (int step = 0; step < 20'000 && meter.outbox.waiting() > 0; step++) {
      meter.outbox.tick(nowMs += 100);
      answerAll(meter, rest);
    }
    CHECK_EQUAL(meter.outbox.waiting(), 0u);
    for (const auto& message : rest) arrived[message.reading] = message.epochMs;
    for (int64_t i = 0; i < number; i++) {
      CHECK(arrived.count(i) == 1 || excused.count(i) == 1);
      if (arrived.count(i) == 1) CHECK_EQUAL(arrived[i], i * 1000);
    }
  }
}
