#include "flash-ring.h"

#include <cstddef>
#include <cstring>

namespace faiban {

namespace {

constexpr uint32_t magic = 0x31524246;  // "FBR1"
constexpr uint8_t erased = 0xff;
constexpr uint8_t delivered = 0x00;
constexpr size_t maxContent = 254;  // a length of 255 is what erased flash has

uint32_t addressOf(uint32_t block, uint32_t offset) { return block * Flash::blockBytes + offset; }

/** The sequence is part of the sum, so that a record never counts in the place of another. */
uint32_t recordCrc(uint32_t sequence, uint8_t length, Bytes content) {
  const uint8_t front[5] = {static_cast<uint8_t>(sequence), static_cast<uint8_t>(sequence >> 8),
                            static_cast<uint8_t>(sequence >> 16), static_cast<uint8_t>(sequence >> 24), length};
  return crc32(content, crc32({front, sizeof front}));
}

}  // namespace

bool FlashRing::open() {
  head_ = tail_ = Place{};
  generation_ = lost_ = 0;
  isHeadUsable_ = false;
  if (flash_.blockCount() < 2) return false;
  uint8_t probe = 0;
  if (!flash_.read(0, &probe, 1)) return false;
  if (findHead()) scan();
  else head_.block = flash_.blockCount() - 1;  // so that the first record goes to block 0
  return true;
}

/** The block of the highest generation is the one that was written last. */
bool FlashRing::findHead() {
  bool isFound = false;
  for (uint32_t block = 0; block < flash_.blockCount(); block++) {
    Header header;
    if (!readHeader(block, header) || (isFound && header.generation <= generation_)) continue;
    isFound = true;
    generation_ = header.generation;
    head_.block = block;
  }
  return isFound;
}

/** From the oldest block to the newest: where the records end, and behind which the delivered ones do. */
void FlashRing::scan() {
  const uint32_t count = flash_.blockCount();
  bool isAnyFound = false;
  for (uint32_t step = 1; step <= count; step++) {
    const uint32_t block = (head_.block + step) % count;
    Header header;
    if (!headerAt(block, generationOf(block), header)) continue;
    if (!isAnyFound) tail_ = {block, sizeof(Header), header.firstSequence};
    isAnyFound = true;
    bool isDelivered = false;
    Place afterDelivered;
    const Place end = endOf(block, header, isDelivered, afterDelivered);
    if (isDelivered) tail_ = afterDelivered;
    if (block != head_.block) continue;
    head_ = end;
    isHeadUsable_ = isErased(block, end.offset);
  }
}

/** Walks the records of a block up to the first that is none. */
FlashRing::Place FlashRing::endOf(uint32_t block, const Header& header, bool& isDelivered, Place& afterDelivered) {
  Place place{block, sizeof(Header), header.firstSequence};
  uint8_t content[maxContent];
  for (;;) {
    bool isMarked = false;
    const size_t size = readRecord(place, content, sizeof content, isMarked);
    if (size == 0) return place;
    place = after(place, size);
    if (isMarked) afterDelivered = place;
    isDelivered = isDelivered || isMarked;
  }
}

bool FlashRing::append(Bytes record) {
  if (record.size == 0 || record.size > maxContent) return false;
  uint8_t bytes[sizeof(RecordHead) + maxContent];
  // A block that fails is left behind; more than two in a row mean that the chip is broken.
  for (int attempt = 0; attempt < 3; attempt++) {
    const size_t size = sizeof(RecordHead) + record.size;
    const bool fits = isHeadUsable_ && head_.offset + size <= Flash::blockBytes;
    if (!fits && !advance()) continue;
    RecordHead head{erased, static_cast<uint8_t>(record.size), {}};
    const uint32_t crc = recordCrc(head_.sequence, head.length, record);
    memcpy(head.crc, &crc, sizeof crc);
    memcpy(bytes, &head, sizeof head);
    memcpy(bytes + sizeof head, record.data, record.size);
    if (flash_.program(addressOf(head_.block, head_.offset), bytes, size)) {
      head_ = after(head_, record.size);
      return true;
    }
    isHeadUsable_ = false;
  }
  return false;
}

/** Begins the next block of the ring; what is still in it is dropped. */
bool FlashRing::advance() {
  const uint32_t block = (head_.block + 1) % flash_.blockCount();
  dropOldestFor(block);
  const bool isEmpty = pending() == 0;
  head_ = {block, sizeof(Header), head_.sequence};
  generation_++;
  isHeadUsable_ = false;
  if (isEmpty) tail_ = head_;
  Header header{magic, generation_, head_.sequence, 0};
  header.crc = crc32({reinterpret_cast<const uint8_t*>(&header), offsetof(Header, crc)});
  isHeadUsable_ = flash_.erase(block) && flash_.program(addressOf(block, 0), &header, sizeof header);
  return isHeadUsable_;
}

/** Moves the tail out of a block that is about to be erased. */
void FlashRing::dropOldestFor(uint32_t block) {
  if (pending() == 0 || tail_.block != block) return;
  const uint32_t sequence = tail_.sequence;
  if (!toNextBlock(tail_)) tail_ = head_;
  lost_ += tail_.sequence - sequence;
}

size_t FlashRing::read(Place& place, uint8_t* to, size_t room) {
  while (static_cast<int32_t>(head_.sequence - place.sequence) > 0) {
    bool isMarked = false;
    const size_t size = readRecord(place, to, room, isMarked);
    if (size > 0) return size;
    if (!toNextBlock(place)) break;
  }
  place = head_;
  return 0;
}

FlashRing::Place FlashRing::after(Place place, size_t size) {
  return {place.block, static_cast<uint32_t>(place.offset + sizeof(RecordHead) + size), place.sequence + 1};
}

bool FlashRing::markDelivered(Place place, size_t size) {
  // It may have been dropped for want of room while it was on its way.
  if (static_cast<int32_t>(place.sequence - tail_.sequence) < 0) return true;
  tail_ = after(place, size);
  return flash_.program(addressOf(place.block, place.offset), &delivered, 1);
}

/** The first record of the next block that is in order; false when there is none up to the head. */
bool FlashRing::toNextBlock(Place& place) {
  const uint32_t count = flash_.blockCount();
  for (uint32_t block = place.block; block != head_.block;) {
    block = (block + 1) % count;
    Header header;
    if (!headerAt(block, generationOf(block), header)) continue;
    place = {block, sizeof(Header), header.firstSequence};
    return true;
  }
  return false;
}

/** What generation a block has if it was written in the lap that the head ends. */
uint32_t FlashRing::generationOf(uint32_t block) const {
  const uint32_t count = flash_.blockCount();
  return generation_ - (head_.block + count - block) % count;
}

bool FlashRing::headerAt(uint32_t block, uint32_t generation, Header& header) {
  return readHeader(block, header) && header.generation == generation;
}

bool FlashRing::readHeader(uint32_t block, Header& header) {
  if (!flash_.read(addressOf(block, 0), &header, sizeof header) || header.magic != magic) return false;
  return header.crc == crc32({reinterpret_cast<const uint8_t*>(&header), offsetof(Header, crc)});
}

/** The record at that very place; 0 when there is none, or it is damaged. */
size_t FlashRing::readRecord(const Place& place, uint8_t* to, size_t room, bool& isMarked) {
  RecordHead head;
  if (place.offset + sizeof head > Flash::blockBytes) return 0;
  if (!flash_.read(addressOf(place.block, place.offset), &head, sizeof head)) return 0;
  const size_t size = head.length;
  if (size == 0 || size > maxContent || size > room) return 0;
  if (place.offset + sizeof head + size > Flash::blockBytes) return 0;
  if (!flash_.read(addressOf(place.block, place.offset + sizeof head), to, size)) return 0;
  uint32_t crc = 0;
  memcpy(&crc, head.crc, sizeof crc);
  if (crc != recordCrc(place.sequence, head.length, {to, size})) return 0;
  // A mark that was cut off is a mark: it is made only for what has arrived.
  isMarked = head.mark != erased;
  return size;
}

/** Whether nothing was written from the offset on, not even a part of a record. */
bool FlashRing::isErased(uint32_t block, uint32_t offset) {
  uint8_t bytes[64];
  while (offset < Flash::blockBytes) {
    const size_t size = Flash::blockBytes - offset < sizeof bytes ? Flash::blockBytes - offset : sizeof bytes;
    if (!flash_.read(addressOf(block, offset), bytes, size)) return false;
    for (size_t i = 0; i < size; i++)
      if (bytes[i] != erased) return false;
    offset += static_cast<uint32_t>(size);
  }
  return true;
}

}  // namespace faiban
