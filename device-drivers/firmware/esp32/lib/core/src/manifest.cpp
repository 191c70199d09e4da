#include "manifest.h"

#include "json.h"

namespace faiban {

namespace {

bool takeNumber(Text& text, uint16_t& number) {
  uint32_t value = 0;
  size_t digits = 0;
  for (; digits < text.size && text.data[digits] >= '0' && text.data[digits] <= '9'; digits++) {
    value = value * 10 + static_cast<uint32_t>(text.data[digits] - '0');
    if (value > UINT16_MAX) return false;
  }
  if (digits == 0 || (digits > 1 && text.data[0] == '0')) return false;
  text = {text.data + digits, text.size - digits};
  number = static_cast<uint16_t>(value);
  return true;
}

bool takeDot(Text& text) {
  if (text.size == 0 || *text.data != '.') return false;
  text = {text.data + 1, text.size - 1};
  return true;
}

int nibbleOf(char character) {
  if (character >= '0' && character <= '9') return character - '0';
  if (character >= 'a' && character <= 'f') return character - 'a' + 10;
  return -1;
}

bool readHex(const JsonObject& object, const char* key, uint8_t* to, size_t size) {
  const JsonMember* const member = object.find(key);
  if (member == nullptr || member->kind != JsonMember::Kind::string || member->value.size != 2 * size) return false;
  for (size_t i = 0; i < size; i++) {
    const int high = nibbleOf(member->value.data[2 * i]);
    const int low = nibbleOf(member->value.data[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    to[i] = static_cast<uint8_t>(high << 4 | low);
  }
  return true;
}

/** Letters, digits, and what does not change where a URL leads. */
bool isPlain(const char* text, const char* further) {
  for (; *text != 0; text++) {
    const char c = *text;
    bool isFine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    for (const char* one = further; *one != 0; one++) isFine = isFine || c == *one;
    if (!isFine) return false;
  }
  return true;
}

}  // namespace

bool parseVersion(Text text, Version& version) {
  return takeNumber(text, version.major) && takeDot(text) && takeNumber(text, version.minor) && takeDot(text) &&
         takeNumber(text, version.patch) && text.size == 0;
}

int compareVersions(const Version& a, const Version& b) {
  if (a.major != b.major) return a.major < b.major ? -1 : 1;
  if (a.minor != b.minor) return a.minor < b.minor ? -1 : 1;
  if (a.patch != b.patch) return a.patch < b.patch ? -1 : 1;
  return 0;
}

const char* parseManifest(Text json, Manifest& manifest) {
  manifest = Manifest{};
  JsonObject object;
  if (!object.parse(json)) return "the manifest is not a JSON object";
  int64_t format = 0;
  if (!object.decimal("format", 0, format) || format != 1) return "the manifest is not of format 1";
  if (!object.string("model", manifest.model, sizeof manifest.model) || !isPlain(manifest.model, "-_."))
    return "model must have up to 32 letters, digits, - _ .";
  char version[18];
  if (!object.string("version", version, sizeof version) || !parseVersion(textOf(version), manifest.version))
    return "version must be like 1.4.0";
  int64_t sizeBytes = 0;
  if (!object.decimal("size", 0, sizeBytes) || sizeBytes < 1 || sizeBytes > INT32_MAX)
    return "size must be that of the image";
  manifest.sizeBytes = static_cast<uint32_t>(sizeBytes);
  if (!readHex(object, "sha256", manifest.sha256, digestBytes)) return "sha256 must be 64 lower-case hex digits";
  if (!readHex(object, "signature", manifest.signature, signatureBytes))
    return "signature must be 128 lower-case hex digits";
  const bool isPath = object.string("path", manifest.path, sizeof manifest.path) && isPlain(manifest.path, "/-_.~");
  if (!isPath || manifest.path[0] != '/' || manifest.path[1] == '/') return "path must be a path on the hub";
  return nullptr;
}

bool writeSignedText(const Manifest& manifest, TextWriter& to) {
  to.add("faiban-firmware-1\n").add(manifest.model).add("\n");
  to.addNumber(manifest.version.major).add(".").addNumber(manifest.version.minor).add(".");
  to.addNumber(manifest.version.patch).add("\n").addNumber(manifest.sizeBytes).add("\n");
  return to.addHex(manifest.sha256, digestBytes).add("\n").isWhole();
}

UpdateVerdict judgeManifest(const Manifest& manifest, const UpdateRules& rules, const SignatureCheck& check) {
  char text[192];
  TextWriter writer(text, sizeof text);
  if (!writeSignedText(manifest, writer)) return UpdateVerdict::isForged;
  const Text message = writer.text();
  if (!check.isValid(manifest.signature, {reinterpret_cast<const uint8_t*>(message.data), message.size}))
    return UpdateVerdict::isForged;
  if (!textOf(manifest.model).is(rules.model)) return UpdateVerdict::isOtherModel;
  const int order = compareVersions(manifest.version, rules.running);
  if (order == 0) return UpdateVerdict::isCurrent;
  if (order < 0) return UpdateVerdict::isOlder;
  if (compareVersions(manifest.version, rules.rolledBack) == 0) return UpdateVerdict::wasRolledBack;
  return manifest.sizeBytes > rules.roomBytes ? UpdateVerdict::isTooLarge : UpdateVerdict::install;
}

const char* verdictText(UpdateVerdict verdict) {
  switch (verdict) {
    case UpdateVerdict::install: return "it is new";
    case UpdateVerdict::isCurrent: return "it is what runs";
    case UpdateVerdict::isOlder: return "it is older than what runs";
    case UpdateVerdict::wasRolledBack: return "it was tried, and did not reach the hub";
    case UpdateVerdict::isOtherModel: return "it is for another model";
    case UpdateVerdict::isTooLarge: return "it is larger than its partition";
    case UpdateVerdict::isForged: return "its signature is not by the maker's key";
  }
  return "";
}

bool ImageCheck::add(Bytes bytes) {
  if (bytes.size > manifest_.sizeBytes - sizeBytes_) return false;
  sizeBytes_ += static_cast<uint32_t>(bytes.size);
  digest_.add(bytes);
  return true;
}

bool ImageCheck::finish() {
  uint8_t digest[digestBytes];
  digest_.finish(digest);
  bool isSame = true;
  for (size_t i = 0; i < digestBytes; i++) isSame = isSame && digest[i] == manifest_.sha256[i];
  return isSame && sizeBytes_ == manifest_.sizeBytes;
}

}  // namespace faiban
