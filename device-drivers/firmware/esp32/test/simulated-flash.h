#pragma once
#include <cstring>

#include "check.h"
#include "flash.h"

/** NOR flash in memory: counts erases, and loses power after a number of bytes were programmed or erased. */
template <uint32_t blocks>
class SimulatedFlash final : public faiban::Flash {
 public:
  explicit SimulatedFlash(uint64_t seed = 1) : chance_(seed) { memset(bytes_, 0xff, sizeof bytes_); }

  /**
   * After so many more bytes (64 of an erase count as one) nothing is written any more, and the byte in work is written
   * in part.
   */
  void cutAfter(uint32_t bytes) {
    isCutPlanned_ = true;
    bytesToCut_ = bytes;
  }
  void powerOn() { isCutPlanned_ = isOff_ = false; }
  bool isOff() const { return isOff_; }
  /** The chip says that it failed, from now on, at that block. */
  void breakBlock(uint32_t block) { broken_ = block; }
  uint32_t erases(uint32_t block) const { return erases_[block]; }
  uint64_t programmed() const { return programmed_; }
  uint8_t& at(uint32_t offset) { return bytes_[offset]; }

  uint32_t blockCount() const override { return blocks; }

  bool read(uint32_t offset, void* to, size_t size) override {
    CHECK(offset + size <= sizeof bytes_);
    memcpy(to, bytes_ + offset, size);
    return !isOff_;
  }

  bool program(uint32_t offset, const void* from, size_t size) override {
    CHECK(offset + size <= sizeof bytes_);
    CHECK(offset / blockBytes == (offset + size - 1) / blockBytes);
    if (offset / blockBytes == broken_) return false;
    for (size_t i = 0; i < size; i++) {
      const uint8_t wanted = static_cast<const uint8_t*>(from)[i];
      uint8_t& byte = bytes_[offset + i];
      CHECK((byte & wanted) == wanted);  // only erasing sets a bit
      if (!spend()) return false;
      byte &= isOff_ ? static_cast<uint8_t>(wanted | chance_.next()) : wanted;
      if (isOff_) return false;
      programmed_++;
    }
    return true;
  }

  bool erase(uint32_t block) override {
    CHECK(block < blocks);
    if (block == broken_) return false;
    erases_[block]++;
    uint8_t* const bytes = bytes_ + block * blockBytes;
    for (uint32_t i = 0; i < blockBytes; i += 64)
      if (!spend()) return false;
    if (isOff_) {
      // An erase that is cut leaves bits as they come: hardly any changed, or most of them.
      const uint32_t progress = chance_.below(256);
      for (uint32_t i = 0; i < blockBytes; i++)
        if (chance_.below(256) < progress) bytes[i] |= static_cast<uint8_t>(chance_.next());
      return false;
    }
    memset(bytes, 0xff, blockBytes);
    return true;
  }

 private:
  /** Counts a byte; the one at which the power goes is written in part. */
  bool spend() {
    if (isOff_) return false;
    if (isCutPlanned_ && bytesToCut_-- == 0) isOff_ = true;
    return true;
  }

  Chance chance_;
  uint8_t bytes_[blocks * blockBytes];
  uint32_t erases_[blocks] = {};
  uint64_t programmed_ = 0;
  uint32_t broken_ = UINT32_MAX;
  uint32_t bytesToCut_ = 0;
  bool isCutPlanned_ = false;
  bool isOff_ = false;
};
