#pragma once
#include <Preferences.h>

/** What survives a power cut beside the readings: small values in NVS, which wears its pages alike. */
class SavedState {
 public:
  /** Opens the store; true when it worked. */
  bool begin() { return preferences_.begin("faiban"); }

  /** The number of this start. */
  uint32_t nextBoot() {
    const uint32_t boot = preferences_.getUInt("boot", 0) + 1;
    preferences_.putUInt("boot", boot);
    return boot;
  }

  uint64_t number(const char* key, uint64_t otherwise = 0) { return preferences_.getULong64(key, otherwise); }
  void setNumber(const char* key, uint64_t value) {
    if (number(key, ~value) != value) preferences_.putULong64(key, value);
  }
  float factor(const char* key, float otherwise) { return preferences_.getFloat(key, otherwise); }
  void setFactor(const char* key, float value) { preferences_.putFloat(key, value); }
  String text(const char* key) { return preferences_.getString(key, ""); }
  void setText(const char* key, const char* value) { preferences_.putString(key, value); }

 private:
  Preferences preferences_;
};
