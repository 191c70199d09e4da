#include "manifest.h"

#include <cstring>
#include <initializer_list>

#include "check.h"

using namespace faiban;

namespace {

struct Answer final : SignatureCheck {
  explicit Answer(bool isItValid) : answer(isItValid) {}
  bool isValid(const uint8_t (&)[signatureBytes], Bytes) const override { return answer; }
  bool answer;
};

/** Not a hash: the sum of the bytes, where a test needs two images to differ. */
struct SumDigest final : Digest {
  void add(Bytes bytes) override {
    for (size_t i = 0; i < bytes.size; i++) sum = static_cast<uint8_t>(sum + bytes.data[i]);
  }
  void finish(uint8_t (&digest)[digestBytes]) override { memset(digest, sum, sizeof digest); }
  uint8_t sum = 0;
};

Manifest manifestOf(const char* version, uint32_t sizeBytes = 1'000) {
  Manifest manifest;
  CHECK(textOf("faiban-pzem").copyTo(manifest.model, sizeof manifest.model));
  CHECK(parseVersion(textOf(version), manifest.version));
  manifest.sizeBytes = sizeBytes;
  return manifest;
}

UpdateRules rulesOf(const char* running, const char* rolledBack = "0.0.0") {
  UpdateRules rules;
  rules.model = "faiban-pzem";
  rules.roomBytes = 1'441'792;
  CHECK(parseVersion(textOf(running), rules.running) && parseVersion(textOf(rolledBack), rules.rolledBack));
  return rules;
}

}  // namespace

TEST("versions compare by their numbers") {
  Version a;
  Version b;
  CHECK(parseVersion(textOf("1.9.0"), a) && parseVersion(textOf("1.10.0"), b));
  CHECK(compareVersions(a, b) < 0 && compareVersions(b, a) > 0 && compareVersions(a, a) == 0);
  for (const char* bad : {"", "1", "1.2", "1.2.3.4", "1.2.x", "01.2.3", "1.2.65536", "-1.2.3", "1.2.3 "})
    CHECK(!parseVersion(textOf(bad), a));
}

TEST("only a newer, signed image for this model that fits is installed") {
  const Answer valid(true);
  const Answer forged(false);
  CHECK(judgeManifest(manifestOf("1.4.1"), rulesOf("1.4.0"), valid) == UpdateVerdict::install);
  CHECK(judgeManifest(manifestOf("1.4.1"), rulesOf("1.4.0"), forged) == UpdateVerdict::isForged);
  CHECK(judgeManifest(manifestOf("1.4.0"), rulesOf("1.4.0"), valid) == UpdateVerdict::isCurrent);
  CHECK(judgeManifest(manifestOf("1.3.9"), rulesOf("1.4.0"), valid) == UpdateVerdict::isOlder);
  CHECK(judgeManifest(manifestOf("1.4.1"), rulesOf("1.4.0", "1.4.1"), valid) == UpdateVerdict::wasRolledBack);
  CHECK(judgeManifest(manifestOf("1.4.2"), rulesOf("1.4.0", "1.4.1"), valid) == UpdateVerdict::install);
  CHECK(judgeManifest(manifestOf("1.4.1", 2'000'000), rulesOf("1.4.0"), valid) == UpdateVerdict::isTooLarge);
  UpdateRules other = rulesOf("1.4.0");
  other.model = "faiban-ct";
  CHECK(judgeManifest(manifestOf("1.4.1"), other, valid) == UpdateVerdict::isOtherModel);
}

TEST("an image is taken only whole and unchanged") {
  uint8_t image[1'000];
  for (size_t i = 0; i < sizeof image; i++) image[i] = static_cast<uint8_t>(i * 7);
  Manifest manifest = manifestOf("1.4.1");
  SumDigest whole;
  whole.add({image, sizeof image});
  whole.finish(manifest.sha256);
  const auto isTaken = [&manifest, &image](size_t size) {
    SumDigest digest;
    ImageCheck check(manifest, digest);
    for (size_t at = 0; at < size; at += 300)
      if (!check.add({image + at, size - at < 300 ? size - at : 300})) return false;
    return check.finish();
  };
  CHECK(isTaken(1'000));
  CHECK(!isTaken(999));
  image[500] ^= 1;
  CHECK(!isTaken(1'000));
  image[500] ^= 1;
  SumDigest digest;
  ImageCheck check(manifest, digest);
  CHECK(check.add({image, sizeof image}));
  CHECK(!check.add({image, 1}));
}
