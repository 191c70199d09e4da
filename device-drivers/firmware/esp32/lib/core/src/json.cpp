#include "json.h"

namespace faiban {

namespace {

constexpr int maxDepth = 8;

/** Steps through JSON text; every method returns false at what is not JSON. */
class Scanner {
 public:
  explicit Scanner(Text text) : at_(text.data), end_(text.data + text.size) {}

  bool take(char sign) {
    skipSpace();
    if (at_ == end_ || *at_ != sign) return false;
    at_++;
    return true;
  }

  bool isAtEnd() {
    skipSpace();
    return at_ == end_;
  }

  bool string(Text& text) {
    if (!take('"')) return false;
    const char* const begin = at_;
    for (; at_ != end_ && *at_ != '"'; at_++) {
      if (static_cast<uint8_t>(*at_) < 0x20) return false;
      if (*at_ == '\\' && ++at_ == end_) return false;
    }
    if (at_ == end_) return false;
    text = {begin, static_cast<size_t>(at_++ - begin)};
    return true;
  }

  bool value(JsonMember& member, int depth) {
    skipSpace();
    if (at_ == end_) return false;
    if (*at_ == '"') {
      member.kind = JsonMember::Kind::string;
      return string(member.value);
    }
    const char* const begin = at_;
    if (*at_ == '{' || *at_ == '[') {
      member.kind = JsonMember::Kind::nested;
      if (!nested(depth)) return false;
    } else if (!scalar(member.kind)) return false;
    member.value = {begin, static_cast<size_t>(at_ - begin)};
    return true;
  }

 private:
  void skipSpace() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r')) at_++;
  }

  bool nested(int depth) {
    if (depth >= maxDepth) return false;
    const bool isObject = *at_++ == '{';
    const char close = isObject ? '}' : ']';
    if (take(close)) return true;
    do {
      JsonMember member;
      if (isObject && !(string(member.key) && take(':'))) return false;
      if (!value(member, depth + 1)) return false;
    } while (take(','));
    return take(close);
  }

  bool scalar(JsonMember::Kind& kind) {
    if (word("true") || word("false")) kind = JsonMember::Kind::boolean;
    else if (word("null")) kind = JsonMember::Kind::null;
    else if (number()) kind = JsonMember::Kind::number;
    else return false;
    return true;
  }

  bool word(const char* expected) {
    const char* at = at_;
    while (*expected != 0) {
      if (at == end_ || *at++ != *expected++) return false;
    }
    at_ = at;
    return true;
  }

  bool digits() {
    const char* const begin = at_;
    while (at_ != end_ && *at_ >= '0' && *at_ <= '9') at_++;
    return at_ != begin;
  }

  bool number() {
    if (at_ != end_ && *at_ == '-') at_++;
    if (!digits()) return false;
    if (at_ != end_ && *at_ == '.' && (at_++, !digits())) return false;
    if (at_ == end_ || (*at_ != 'e' && *at_ != 'E')) return true;
    at_++;
    if (at_ != end_ && (*at_ == '+' || *at_ == '-')) at_++;
    return digits();
  }

  const char* at_;
  const char* end_;
};

}  // namespace

bool JsonObject::parse(Text text) {
  count_ = 0;
  Scanner scanner(text);
  if (!scanner.take('{')) return false;
  if (scanner.take('}')) return scanner.isAtEnd();
  do {
    if (count_ == capacity) return false;
    JsonMember& member = members_[count_++];
    if (!scanner.string(member.key) || !scanner.take(':') || !scanner.value(member, 0)) return false;
  } while (scanner.take(','));
  return scanner.take('}') && scanner.isAtEnd();
}

const JsonMember* JsonObject::find(const char* key) const {
  for (size_t i = 0; i < count_; i++)
    if (members_[i].key.is(key)) return &members_[i];
  return nullptr;
}

bool JsonObject::string(const char* key, char* to, size_t room) const {
  const JsonMember* const member = find(key);
  if (member == nullptr || member->kind != JsonMember::Kind::string) return false;
  for (size_t i = 0; i < member->value.size; i++)
    if (member->value.data[i] == '\\') return false;
  return member->value.copyTo(to, room);
}

bool JsonObject::decimal(const char* key, unsigned decimals, int64_t& scaled) const {
  const JsonMember* const member = find(key);
  if (member == nullptr || member->kind != JsonMember::Kind::number) return false;
  const Text text = member->value;
  const bool isNegative = text.data[0] == '-';
  constexpr int64_t most = INT64_MAX / 10 - 1;
  int64_t value = 0;
  unsigned places = 0;
  bool isFraction = false;
  for (size_t i = isNegative ? 1 : 0; i < text.size; i++) {
    const char character = text.data[i];
    if (character == 'e' || character == 'E') return false;
    if (character == '.') isFraction = true;
    else if (!isFraction || places++ < decimals) {
      if (value > most) return false;
      value = value * 10 + (character - '0');
    }
  }
  for (; places < decimals; places++) {
    if (value > most) return false;
    value *= 10;
  }
  scaled = isNegative ? -value : value;
  return true;
}

}  // namespace faiban
