#pragma once
#include "bytes.h"
#include "flash.h"

namespace faiban {

/**
 * Records on flash, first in, first out, that survive a power cut at any moment. When it is full the oldest block goes.
 *
 * A block is a header {magic, generation, sequence of its first record, CRC} and records behind each other:
 * {delivered mark, length, CRC over sequence and content, content}. Blocks are filled one after the other around the
 * ring, so all wear alike: one erase each a lap. A record that was cut off has a wrong CRC; the rest of its block stays
 * unused. `markDelivered` clears one byte of the last record that arrived, which stands for all before it.
 */
class FlashRing {
 public:
  /** Where a record is. */
  struct Place {
    uint32_t block = 0;
    uint32_t offset = 0;
    uint32_t sequence = 0;
  };

  explicit FlashRing(Flash& flash) : flash_(flash) {}

  /** Finds what is there; false when the flash cannot be read or has fewer than two blocks. */
  bool open();

  /** Adds a record of 1 to 254 bytes; false when it has no such size or the flash fails. */
  bool append(Bytes record);

  /** Where to begin reading: at the oldest record that was not delivered. */
  Place oldest() const { return tail_; }

  /** Reads the record at `place` or the next there is, and moves `place` to it; returns its size, 0 at the end. */
  size_t read(Place& place, uint8_t* to, size_t room);

  /** Where the record after the one at `place`, of that size, would be. */
  static Place after(Place place, size_t size);

  /** The record at `place`, and all before it, need not be kept; false when the flash fails. */
  bool markDelivered(Place place, size_t size);

  /** How many records wait. */
  uint32_t pending() const { return head_.sequence - tail_.sequence; }

  /** How many records were dropped since `open` for want of room. */
  uint32_t lost() const { return lost_; }

 private:
  struct Header {
    uint32_t magic;
    uint32_t generation;
    uint32_t firstSequence;
    uint32_t crc;
  };
  struct RecordHead {
    uint8_t mark;
    uint8_t length;
    uint8_t crc[4];
  };

  bool readHeader(uint32_t block, Header& header);
  bool headerAt(uint32_t block, uint32_t generation, Header& header);
  bool findHead();
  void scan();
  Place endOf(uint32_t block, const Header& header, bool& isDelivered, Place& afterDelivered);
  size_t readRecord(const Place& place, uint8_t* to, size_t room, bool& isMarked);
  bool isErased(uint32_t block, uint32_t offset);
  bool advance();
  void dropOldestFor(uint32_t block);
  bool toNextBlock(Place& place);
  uint32_t generationOf(uint32_t block) const;

  Flash& flash_;
  Place head_;  // where the next record goes, and its sequence
  Place tail_;
  uint32_t generation_ = 0;  // of the block that is written
  bool isHeadUsable_ = false;
  uint32_t lost_ = 0;
};

}  // namespace faiban
