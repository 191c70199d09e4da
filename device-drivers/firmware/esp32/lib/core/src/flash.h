#pragma once
#include <cstddef>
#include <cstdint>

namespace faiban {

/**
 * A part of NOR flash. Erasing sets all bits of a block, programming clears bits, and a bit that is cleared stays so
 * until its block is erased: bytes may be programmed twice. (Not so with flash encryption, which the ring therefore
 * excludes.)
 */
class Flash {
 public:
  static constexpr uint32_t blockBytes = 4096;

  virtual uint32_t blockCount() const = 0;
  /** Each returns false when the chip reports a failure. Offsets count from the start of the part. */
  virtual bool read(uint32_t offset, void* to, size_t size) = 0;
  virtual bool program(uint32_t offset, const void* from, size_t size) = 0;
  virtual bool erase(uint32_t block) = 0;

 protected:
  ~Flash() = default;
};

}  // namespace faiban
