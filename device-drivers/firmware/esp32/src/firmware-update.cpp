#include "firmware-update.h"

#include <Arduino.h>
#include <esp_http_client.h>
#include <esp_ota_ops.h>
#include <mbedtls/sha256.h>
#include <sodium.h>

#include <cstring>

#include "settings.h"
#if __has_include("firmware-key.h")
#include "firmware-key.h"
#else
#include "firmware-key.example.h"
#endif

/** Arduino would call every firmware good before `setup`; this leaves it to `confirm`. Its weak name is C's. */
extern "C" bool verifyRollbackLater() { return true; }

namespace {

constexpr uint32_t trialMs = 600'000;
constexpr size_t maxManifestBytes = 1'024;

/**
 * The name under which the hub's https port shows a certificate of "Faiban Devices" (README.md, "Firmware over the
 * air").
 */
constexpr char kFirmwareHost[] = "firmware.faiban.home.arpa";

class Ed25519 final : public faiban::SignatureCheck {
 public:
  bool isValid(const uint8_t (&signature)[faiban::signatureBytes], faiban::Bytes message) const override {
    return crypto_sign_verify_detached(signature, message.data, message.size, firmwarePublicKey) == 0;
  }
};

class Sha256 final : public faiban::Digest {
 public:
  Sha256() {
    mbedtls_sha256_init(&context_);
    mbedtls_sha256_starts(&context_, 0);
  }
  ~Sha256() { mbedtls_sha256_free(&context_); }
  void add(faiban::Bytes bytes) override { mbedtls_sha256_update(&context_, bytes.data, bytes.size); }
  void finish(uint8_t (&digest)[faiban::digestBytes]) override { mbedtls_sha256_finish(&context_, digest); }

 private:
  mbedtls_sha256_context context_;
};

/** A GET to the hub that is read piece by piece. */
class Download {
 public:
  explicit Download(const char* path) {
    esp_http_client_config_t config = {};
    config.host = kMqttHost;
    config.port = kHubHttpsPort;
    config.path = path;
    config.transport_type = HTTP_TRANSPORT_OVER_SSL;
    config.cert_pem = kHubAuthority;
    config.common_name = kFirmwareHost;
    config.disable_auto_redirect = true;
    config.timeout_ms = 15'000;
    client_ = esp_http_client_init(&config);
    if (client_ == nullptr || esp_http_client_open(client_, 0) != ESP_OK) return;
    esp_http_client_fetch_headers(client_);
    isOpen_ = esp_http_client_get_status_code(client_) == 200;
  }
  ~Download() {
    if (client_ != nullptr) esp_http_client_cleanup(client_);
  }
  Download(const Download&) = delete;
  Download& operator=(const Download&) = delete;

  bool isOpen() const { return isOpen_; }
  /** How many bytes came; 0 at the end, negative after a failure. */
  int read(uint8_t* to, size_t room) {
    return esp_http_client_read(client_, reinterpret_cast<char*>(to), static_cast<int>(room));
  }

 private:
  esp_http_client_handle_t client_ = nullptr;
  bool isOpen_ = false;
};

/** Null when it is there, else why not. */
const char* fetchManifest(faiban::Manifest& manifest) {
  Download download("/firmware/" FIRMWARE_MODEL "/manifest.json");
  if (!download.isOpen()) return "the hub has no firmware for this model";
  uint8_t json[maxManifestBytes];
  size_t size = 0;
  int got = 0;
  while (size < sizeof json && (got = download.read(json + size, sizeof json - size)) > 0)
    size += static_cast<size_t>(got);
  if (got < 0) return "the manifest did not come whole";
  return faiban::parseManifest({reinterpret_cast<const char*>(json), size}, manifest);
}

/** Writes the image to the other partition while it is checked; nothing of it runs before the end was right. */
const char* writeImage(const faiban::Manifest& manifest, esp_ota_handle_t writing) {
  Download download(manifest.path);
  if (!download.isOpen()) return "the hub has not the image";
  Sha256 digest;
  faiban::ImageCheck check(manifest, digest);
  static uint8_t piece[4'096];
  int got = 0;
  while ((got = download.read(piece, sizeof piece)) > 0) {
    if (!check.add({piece, static_cast<size_t>(got)})) return "the image is longer than it should be";
    if (esp_ota_write(writing, piece, static_cast<size_t>(got)) != ESP_OK) return "the flash failed";
  }
  if (got < 0) return "the image did not come whole";
  return check.finish() ? nullptr : "the image is not the one that was signed";
}

}  // namespace

void FirmwareUpdate::begin(SavedState& state) {
  state_ = &state;
  rules_.model = FIRMWARE_MODEL;
  faiban::parseVersion(faiban::textOf(FIRMWARE_VERSION), rules_.running);
  const esp_partition_t* const other = esp_ota_get_next_update_partition(nullptr);
  rules_.roomBytes = other == nullptr ? 0 : other->size;
  esp_ota_img_states_t image = ESP_OTA_IMG_UNDEFINED;
  isTrial_ = esp_ota_get_state_partition(esp_ota_get_running_partition(), &image) == ESP_OK &&
             image == ESP_OTA_IMG_PENDING_VERIFY;
  // What was tried and is not what runs has failed; it stays refused until something newer comes.
  const String tried = state.text("tried");
  if (!isTrial_) faiban::parseVersion(faiban::textOf(tried.c_str()), rules_.rolledBack);
}

void FirmwareUpdate::confirm() {
  if (!isTrial_) return;
  isTrial_ = false;
  esp_ota_mark_app_valid_cancel_rollback();
  state_->setText("tried", "");
}

void FirmwareUpdate::poll(uint32_t uptimeMs) {
  if (isTrial_ && uptimeMs > trialMs) esp_ota_mark_app_invalid_rollback_and_reboot();
}

void FirmwareUpdate::check() {
  if (isBusy_ || isInstalled_ || isTrial_ || kHubHttpsPort == 0 || sizeof kHubAuthority <= 1) return;
  isBusy_ = true;
  const auto run = [](void* self) {
    static_cast<FirmwareUpdate*>(self)->run();
    vTaskDelete(nullptr);
  };
  if (xTaskCreate(run, "update", 10 * 1024, this, 1, nullptr) != pdPASS) isBusy_ = false;
}

void FirmwareUpdate::run() {
  faiban::Manifest manifest;
  const char* why = sodium_init() < 0 ? "the cryptography does not start" : fetchManifest(manifest);
  if (why == nullptr) {
    const faiban::UpdateVerdict verdict = faiban::judgeManifest(manifest, rules_, Ed25519());
    why = verdict == faiban::UpdateVerdict::install ? install(manifest) : faiban::verdictText(verdict);
  }
  isInstalled_ = why == nullptr;
  Serial.printf("Firmware: %s\n", why == nullptr ? "installed" : why);
  isBusy_ = false;
}

const char* FirmwareUpdate::install(const faiban::Manifest& manifest) {
  const esp_partition_t* const other = esp_ota_get_next_update_partition(nullptr);
  esp_ota_handle_t writing = 0;
  const bool isBegun = other != nullptr && esp_ota_begin(other, manifest.sizeBytes, &writing) == ESP_OK;
  if (!isBegun) return "there is no partition for it";
  if (const char* const why = writeImage(manifest, writing)) {
    esp_ota_abort(writing);
    return why;
  }
  if (esp_ota_end(writing) != ESP_OK) return "the image is not a firmware";
  char version[18];
  faiban::TextWriter writer(version, sizeof version);
  writer.addNumber(manifest.version.major).add(".").addNumber(manifest.version.minor).add(".");
  writer.addNumber(manifest.version.patch);
  state_->setText("tried", version);
  return esp_ota_set_boot_partition(other) == ESP_OK ? nullptr : "the other partition cannot be started";
}
