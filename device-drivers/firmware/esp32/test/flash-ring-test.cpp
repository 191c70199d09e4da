#include "flash-ring.h"

#include <algorithm>
#include <vector>

#include "simulated-flash.h"

using faiban::Bytes;
using faiban::Flash;
using faiban::FlashRing;

namespace {

/** A record that tells its number, and is as long as chance says. */
size_t makeRecord(uint32_t number, uint8_t (&to)[254]) {
  const size_t size = 5 + number * 2654435761u % 60;
  for (size_t i = 0; i < size; i++) to[i] = static_cast<uint8_t>(number >> (8 * (i % 4)));
  return size;
}

bool append(FlashRing& ring, uint32_t number) {
  uint8_t record[254];
  const size_t size = makeRecord(number, record);
  return ring.append({record, size});
}

/** The number of the next record, checked byte by byte; -1 at the end. */
int64_t readNext(FlashRing& ring, FlashRing::Place& place, size_t& size) {
  uint8_t found[254];
  size = ring.read(place, found, sizeof found);
  if (size == 0) return -1;
  uint32_t number = 0;
  memcpy(&number, found, 4);
  uint8_t expected[254];
  CHECK_EQUAL(size, makeRecord(number, expected));
  CHECK(memcmp(found, expected, size) == 0);
  return number;
}

std::vector<uint32_t> readAll(FlashRing& ring) {
  std::vector<uint32_t> numbers;
  FlashRing::Place place = ring.oldest();
  size_t size = 0;
  for (int64_t number; (number = readNext(ring, place, size)) >= 0; place = FlashRing::after(place, size))
    numbers.push_back(static_cast<uint32_t>(number));
  return numbers;
}

/** Delivers up to `count` of the oldest; returns how many there were. */
uint32_t deliver(FlashRing& ring, uint32_t count) {
  FlashRing::Place place = ring.oldest();
  FlashRing::Place last;
  size_t lastSize = 0;
  uint32_t done = 0;
  size_t size = 0;
  while (done < count && readNext(ring, place, size) >= 0) {
    last = place;
    lastSize = size;
    place = FlashRing::after(place, size);
    done++;
  }
  if (done > 0) ring.markDelivered(last, lastSize);
  return done;
}

/**
 * What is there after a cut goes up to the newest that was acknowledged (`next` was not, and may be whole), has no
 * hole, and begins with the oldest that was to be kept, or behind what was just being marked. What was being dropped
 * may be back.
 */
void checkTail(const std::vector<uint32_t>& found, uint32_t kept, uint32_t inFlight, uint32_t next) {
  const auto begin = std::find_if(found.begin(), found.end(), [kept](uint32_t number) { return number >= kept; });
  if (begin == found.end()) {
    CHECK(kept + inFlight == next);
    return;
  }
  CHECK(*begin == kept || *begin == kept + inFlight);
  CHECK(found.back() == next - 1 || found.back() == next);
  CHECK_EQUAL(found.end() - begin, found.back() - *begin + 1);
}

}  // namespace

TEST("an empty flash has no records, and takes the first") {
  SimulatedFlash<4> flash;
  FlashRing ring(flash);
  CHECK(ring.open());
  CHECK_EQUAL(ring.pending(), 0u);
  CHECK(readAll(ring).empty());
  CHECK(append(ring, 1));
  CHECK_EQUAL(readAll(ring).size(), 1u);
}

TEST("records come back in order after a restart, without those that were delivered") {
  SimulatedFlash<4> flash;
  FlashRing ring(flash);
  CHECK(ring.open());
  for (uint32_t i = 0; i < 200; i++) CHECK(append(ring, i));
  CHECK_EQUAL(deliver(ring, 70), 70u);
  FlashRing again(flash);
  CHECK(again.open());
  CHECK_EQUAL(again.pending(), 130u);
  const auto numbers = readAll(again);
  CHECK_EQUAL(numbers.size(), 130u);
  for (uint32_t i = 0; i < 130; i++) CHECK_EQUAL(numbers[i], 70 + i);
}

TEST("a full ring drops the oldest block, counts it, and keeps the rest in order") {
  SimulatedFlash<4> flash;
  FlashRing ring(flash);
  CHECK(ring.open());
  for (uint32_t i = 0; i < 2000; i++) CHECK(append(ring, i));
  const auto numbers = readAll(ring);
  CHECK_EQUAL(numbers.size(), ring.pending());
  CHECK_EQUAL(numbers.size() + ring.lost(), 2000u);
  CHECK(numbers.size() > 200);  // three blocks of some 40 bytes a record
  for (size_t i = 0; i < numbers.size(); i++) CHECK_EQUAL(numbers[i], 2000 - numbers.size() + i);
}

TEST("a record that was dropped while it was under way does not move the tail back") {
  SimulatedFlash<2> flash;
  FlashRing ring(flash);
  CHECK(ring.open());
  CHECK(append(ring, 0));
  FlashRing::Place place = ring.oldest();
  size_t size = 0;
  CHECK_EQUAL(readNext(ring, place, size), 0);
  for (uint32_t i = 1; i < 400; i++) CHECK(append(ring, i));
  const uint32_t pending = ring.pending();
  CHECK(ring.markDelivered(place, size));
  CHECK_EQUAL(ring.pending(), pending);
}

TEST("records of no bytes or more than 254 are refused") {
  SimulatedFlash<2> flash;
  FlashRing ring(flash);
  CHECK(ring.open());
  uint8_t record[300] = {};
  CHECK(!ring.append({record, 0}));
  CHECK(!ring.append({record, 255}));
  CHECK(ring.append({record, 254}));
}

TEST("a block that fails is stepped over") {
  SimulatedFlash<4> flash;
  flash.breakBlock(1);
  FlashRing ring(flash);
  CHECK(ring.open());
  for (uint32_t i = 0; i < 200; i++) CHECK(append(ring, i));
  FlashRing again(flash);
  CHECK(again.open());
  const auto numbers = readAll(again);
  CHECK_EQUAL(numbers.size(), 200u);
  for (uint32_t i = 0; i < 200; i++) CHECK_EQUAL(numbers[i], i);
}

TEST("a damaged record costs the rest of its block, and nothing else") {
  SimulatedFlash<4> flash;
  FlashRing ring(flash);
  CHECK(ring.open());
  for (uint32_t i = 0; i < 250; i++) CHECK(append(ring, i));
  flash.at(Flash::blockBytes + 1000) ^= 0x10;
  const auto numbers = readAll(ring);
  CHECK(numbers.size() < 250 && numbers.size() > 130);
  for (size_t i = 1; i < numbers.size(); i++) CHECK(numbers[i] > numbers[i - 1]);
  CHECK_EQUAL(numbers.back(), 249u);
  FlashRing again(flash);
  CHECK(again.open());
  CHECK(readAll(again) == numbers);
}

TEST("a mark that was cut off is a mark, since what it is for has arrived") {
  SimulatedFlash<2> flash;
  FlashRing ring(flash);
  CHECK(ring.open());
  for (uint32_t i = 0; i < 5; i++) CHECK(append(ring, i));
  flash.at(16) = 0xf7;  // the first byte behind the header
  CHECK(ring.open());
  CHECK_EQUAL(ring.pending(), 4u);
}

TEST("a block of an earlier lap, left where a newer one should be, is not read") {
  SimulatedFlash<4> flash;
  FlashRing ring(flash);
  CHECK(ring.open());
  for (uint32_t i = 0; i < 900; i++) CHECK(append(ring, i));
  const auto before = readAll(ring);
  const uint32_t middle = (ring.oldest().block + 1) % 4;
  const uint32_t oldest = ring.oldest().block;
  for (uint32_t i = 0; i < Flash::blockBytes; i++)
    flash.at(middle * Flash::blockBytes + i) = flash.at(oldest * Flash::blockBytes + i);
  CHECK(ring.open());
  const auto after = readAll(ring);
  CHECK(after.size() < before.size());
  for (size_t i = 1; i < after.size(); i++) CHECK(after[i] > after[i - 1]);
}

TEST("blocks wear alike, to one erase") {
  SimulatedFlash<6> flash;
  FlashRing ring(flash);
  CHECK(ring.open());
  Chance chance(7);
  for (uint32_t i = 0; i < 20'000; i++) {
    CHECK(append(ring, i));
    if (chance.below(4) == 0) deliver(ring, chance.below(8));
    if (chance.below(500) == 0) CHECK(ring.open());
  }
  uint32_t least = UINT32_MAX;
  uint32_t most = 0;
  for (uint32_t block = 0; block < 6; block++) {
    if (flash.erases(block) < least) least = flash.erases(block);
    if (flash.erases(block) > most) most = flash.erases(block);
  }
  CHECK(most - least <= 1);
  // 20,000 records of 40 bytes in blocks of 4,080: one erase for each block that was filled.
  CHECK(most * 6 < 20'000 * 50 / 4080);
}

TEST("a day at one reading each five seconds fits the partition, and wears each block at most once") {
  static SimulatedFlash<288> flash;
  FlashRing ring(flash);
  CHECK(ring.open());
  uint8_t record[30] = {};
  for (uint32_t i = 0; i < 24 * 720; i++) {
    memcpy(record, &i, sizeof i);
    CHECK(ring.append({record, sizeof record}));
  }
  CHECK_EQUAL(ring.lost(), 0u);
  CHECK_EQUAL(ring.pending(), 17'280u);
  for (uint32_t block = 0; block < 288; block++) CHECK(flash.erases(block) <= 1);
}

TEST("a power cut at every byte of an append, a new block and a mark loses nothing that was acknowledged") {
  // Each round does the same, with the cut one byte later, until the round ends before the cut.
  for (uint32_t cut = 0;; cut++) {
    static SimulatedFlash<3> flash;
    flash = SimulatedFlash<3>(cut + 1);
    FlashRing ring(flash);
    CHECK(ring.open());
    uint32_t written = 0;
    while (written < 330) CHECK(append(ring, written++));  // the ring has wrapped
    deliver(ring, 40);
    const auto before = readAll(ring);
    const uint32_t lostBefore = ring.lost();

    flash.cutAfter(cut);
    uint32_t delivered = 0;
    uint32_t inFlight = 0;
    for (int step = 0; step < 60 && !flash.isOff(); step++) {
      if (step % 20 != 10) {
        if (append(ring, written)) written++;
      } else if (inFlight = deliver(ring, 5); !flash.isOff()) {
        delivered += inFlight;
        inFlight = 0;
      }
    }
    const bool wasCut = flash.isOff();
    const uint32_t kept = before.front() + delivered + ring.lost() - lostBefore;  // before the cut, the oldest
    flash.powerOn();

    FlashRing again(flash);
    CHECK(again.open());
    const auto after = readAll(again);
    checkTail(after, kept, inFlight, written);
    // And the ring goes on.
    CHECK(append(again, 5'000'000));
    CHECK_EQUAL(readAll(again).back(), 5'000'000u);
    if (!wasCut) break;
  }
}

TEST("random use with random power cuts keeps every record until it is delivered or has to make room") {
  for (uint64_t seed = 1; seed <= 60; seed++) {
    static SimulatedFlash<5> flash;
    flash = SimulatedFlash<5>(seed);
    Chance chance(seed);
    uint32_t next = 0;
    uint32_t kept = 0;  // the oldest that is acknowledged, and neither delivered nor dropped
    uint32_t inFlight = 0;
    uint32_t lostBefore = 0;
    FlashRing ring(flash);
    CHECK(ring.open());
    flash.cutAfter(chance.below(20'000));
    for (int step = 0; step < 3'000; step++) {
      if (flash.isOff()) {
        kept += ring.lost() - lostBefore;
        flash.powerOn();
        CHECK(ring.open());
        lostBefore = 0;
        const auto found = readAll(ring);
        checkTail(found, kept, inFlight, next);
        if (!found.empty() && found.back() == next) next++;
        kept = found.empty() ? next : found.front();
        inFlight = 0;
        // What was being dropped came back with a hole: such numbers are not followed any further.
        for (size_t i = 1; i < found.size(); i++)
          if (found[i] != found[i - 1] + 1) kept = found[i];
        while (ring.pending() > next - kept) CHECK_EQUAL(deliver(ring, 1), 1u);
        flash.cutAfter(chance.below(20'000));
      }
      if (chance.below(5) < 3) {
        if (append(ring, next)) next++;
      } else {
        inFlight = deliver(ring, chance.below(6));
        if (flash.isOff()) continue;
        kept += inFlight;
        inFlight = 0;
      }
      if (flash.isOff()) continue;
      kept += ring.lost() - lostBefore;
      lostBefore = ring.lost();
      CHECK_EQUAL(ring.pending(), next - kept);
      if (step % 50 != 0) continue;
      const auto found = readAll(ring);
      CHECK_EQUAL(found.size(), next - kept);
      if (!found.empty()) CHECK_EQUAL(found.front(), kept);
    }
  }
}

TEST("any bytes on the flash are opened, read and written over without harm") {
  for (uint64_t seed = 1; seed <= 100; seed++) {
    static SimulatedFlash<3> flash;
    flash = SimulatedFlash<3>(seed);
    Chance chance(seed);
    for (uint32_t i = 0; i < 3 * Flash::blockBytes; i++) flash.at(i) = static_cast<uint8_t>(chance.next());
    FlashRing ring(flash);
    CHECK(ring.open());
    CHECK_EQUAL(ring.pending(), 0u);
    for (uint32_t i = 0; i < 300; i++) CHECK(append(ring, i));
    CHECK_EQUAL(readAll(ring).back(), 299u);
  }
}
