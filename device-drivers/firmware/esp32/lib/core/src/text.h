#pragma once
#include <cstddef>
#include <cstdint>

namespace faiban {

/** Text that belongs to somebody else, without a zero at its end. */
struct Text {
  const char* data = nullptr;
  size_t size = 0;

  bool is(const char* other) const;
  /** Copies it with a zero at its end; false when it does not fit. */
  bool copyTo(char* to, size_t room) const;
};

Text textOf(const char* zeroEnded);

/** Writes text into a buffer of the caller; what does not fit is not written, and `isWhole` tells. */
class TextWriter {
 public:
  TextWriter(char* to, size_t room) : to_(to), room_(room) {
    if (room_ > 0) to_[0] = 0;
  }

  TextWriter& add(const char* text);
  TextWriter& add(Text text);
  TextWriter& addNumber(int64_t number);
  /** `scaled` is in units of the last decimal: 12505 with 1 decimal is written as 1250.5. */
  TextWriter& addDecimal(int64_t scaled, unsigned decimals);
  /** In quotes, with escapes as JSON wants them. */
  TextWriter& addQuoted(Text text);
  TextWriter& addHex(const uint8_t* bytes, size_t size);

  /** Whether all of it did fit. */
  bool isWhole() const { return isWhole_; }
  Text text() const { return {to_, used_}; }

 private:
  void put(char character);

  char* to_;
  size_t room_;
  size_t used_ = 0;
  bool isWhole_ = true;
};

}  // namespace faiban
