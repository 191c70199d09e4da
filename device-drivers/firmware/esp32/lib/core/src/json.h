#pragma once
#include "text.h"

namespace faiban {

/** One member of a JSON object; the text of a string is without its quotes, of anything else as it stands. */
struct JsonMember {
  enum class Kind : uint8_t { string, number, boolean, null, nested };
  Text key;
  Kind kind = Kind::null;
  Text value;
};

/** An object of at most 16 members, as commands and manifests are. Nested values are stepped over, unread. */
class JsonObject {
 public:
  /** False when the text is not one whole JSON object, or is larger or deeper (8) than this reads. */
  bool parse(Text text);

  /** The member of that name, the first of several; null when there is none. */
  const JsonMember* find(const char* key) const;

  /** A string without escapes into `to`, with a zero at its end; false when it is absent, another kind, or too long. */
  bool string(const char* key, char* to, size_t room) const;

  /** A plain decimal number (no exponent) in units of its last decimal; further digits are cut off. */
  bool decimal(const char* key, unsigned decimals, int64_t& scaled) const;

 private:
  static constexpr size_t capacity = 16;
  JsonMember members_[capacity];
  size_t count_ = 0;
};

}  // namespace faiban
