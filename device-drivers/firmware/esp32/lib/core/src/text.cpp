#include "text.h"

#include <cstring>

namespace faiban {

bool Text::is(const char* other) const { return strlen(other) == size && memcmp(data, other, size) == 0; }

bool Text::copyTo(char* to, size_t room) const {
  if (size >= room) return false;
  if (size > 0) memcpy(to, data, size);
  to[size] = 0;
  return true;
}

Text textOf(const char* zeroEnded) { return {zeroEnded, strlen(zeroEnded)}; }

void TextWriter::put(char character) {
  if (used_ + 1 >= room_) {
    isWhole_ = false;
    return;
  }
  to_[used_++] = character;
  to_[used_] = 0;
}

TextWriter& TextWriter::add(const char* text) {
  while (*text != 0) put(*text++);
  return *this;
}

TextWriter& TextWriter::add(Text text) {
  for (size_t i = 0; i < text.size; i++) put(text.data[i]);
  return *this;
}

TextWriter& TextWriter::addNumber(int64_t number) { return addDecimal(number, 0); }

TextWriter& TextWriter::addDecimal(int64_t scaled, unsigned decimals) {
  char digits[24];
  unsigned count = 0;
  uint64_t rest = scaled < 0 ? 0 - static_cast<uint64_t>(scaled) : static_cast<uint64_t>(scaled);
  while (rest != 0 || count <= decimals) {
    digits[count++] = static_cast<char>('0' + rest % 10);
    rest /= 10;
  }
  if (scaled < 0) put('-');
  while (count > 0) {
    if (count == decimals) put('.');
    put(digits[--count]);
  }
  return *this;
}

TextWriter& TextWriter::addQuoted(Text text) {
  static const char hex[] = "0123456789abcdef";
  put('"');
  for (size_t i = 0; i < text.size; i++) {
    const char character = text.data[i];
    const auto code = static_cast<uint8_t>(character);
    if (character == '"' || character == '\\') {
      put('\\');
      put(character);
    } else if (code < 0x20) {
      add("\\u00");
      put(hex[code >> 4]);
      put(hex[code & 15]);
    } else put(character);
  }
  put('"');
  return *this;
}

TextWriter& TextWriter::addHex(const uint8_t* bytes, size_t size) {
  static const char hex[] = "0123456789abcdef";
  for (size_t i = 0; i < size; i++) {
    put(hex[bytes[i] >> 4]);
    put(hex[bytes[i] & 15]);
  }
  return *this;
}

}  // namespace faiban
