#pragma once
#include "bytes.h"
#include "text.h"

namespace faiban {

/** `1.4.0`; each part 0 to 65535. */
struct Version {
  uint16_t major = 0;
  uint16_t minor = 0;
  uint16_t patch = 0;
};

bool parseVersion(Text text, Version& version);

/** Negative when `a` is older than `b`, 0 when they are the same. */
int compareVersions(const Version& a, const Version& b);

constexpr size_t digestBytes = 32;
constexpr size_t signatureBytes = 64;
constexpr size_t publicKeyBytes = 32;

/** What the hub says of a firmware image. */
struct Manifest {
  char model[33] = "";
  Version version;
  uint32_t sizeBytes = 0;
  uint8_t sha256[digestBytes] = {};
  uint8_t signature[signatureBytes] = {};
  /** The image's path on the hub that gave the manifest; never another host. */
  char path[129] = "";
};

/** Null when it is a manifest of format 1, else what is wrong. */
const char* parseManifest(Text json, Manifest& manifest);

/**
 * The bytes that are signed: `faiban-firmware-1`, model, version, size, SHA-256 in hex, each with a newline behind it.
 */
bool writeSignedText(const Manifest& manifest, TextWriter& to);

/** Ed25519 (RFC 8032) from elsewhere: the core has no cryptography. */
class SignatureCheck {
 public:
  virtual bool isValid(const uint8_t (&signature)[signatureBytes], Bytes message) const = 0;

 protected:
  ~SignatureCheck() = default;
};

/** SHA-256 from elsewhere. */
class Digest {
 public:
  virtual void add(Bytes bytes) = 0;
  virtual void finish(uint8_t (&digest)[digestBytes]) = 0;

 protected:
  ~Digest() = default;
};

/** What runs here, and what may. */
struct UpdateRules {
  const char* model = "";
  Version running;
  /** The version that was tried and rolled back, 0.0.0 for none: it is not tried again. */
  Version rolledBack;
  /** Size of the other application partition. */
  uint32_t roomBytes = 0;
};

enum class UpdateVerdict : uint8_t { install, isCurrent, isOlder, wasRolledBack, isOtherModel, isTooLarge, isForged };

/** The signature is looked at first: nothing else of a forged manifest means anything. */
UpdateVerdict judgeManifest(const Manifest& manifest, const UpdateRules& rules, const SignatureCheck& check);

/** For the log and the result of a command. */
const char* verdictText(UpdateVerdict verdict);

/** Checks an image while it is downloaded. */
class ImageCheck {
 public:
  ImageCheck(const Manifest& manifest, Digest& digest) : manifest_(manifest), digest_(digest) {}

  /** False when the image is longer than the manifest says: stop, and keep nothing. */
  bool add(Bytes bytes);

  /** Whether the whole image came, and is the one that was signed. Once, at the end. */
  bool finish();

 private:
  const Manifest& manifest_;
  Digest& digest_;
  uint32_t sizeBytes_ = 0;
};

}  // namespace faiban
