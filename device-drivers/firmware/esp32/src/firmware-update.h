#pragma once
#include "manifest.h"
#include "saved-state.h"

/** Firmware over the air: looks, checks, installs in a task of its own, and judges what was installed. */
class FirmwareUpdate {
 public:
  /** Finds out whether this start is a trial, or the last one failed. */
  void begin(SavedState& state);

  /** The hub was reached: the running firmware is good for good. */
  void confirm();

  /** Rolls back a trial that has not reached the hub in ten minutes; does not return then. */
  void poll(uint32_t uptimeMs);

  /** Starts looking, unless it is at it. */
  void check();

  /** An image was installed: restart when it suits. */
  bool isInstalled() const { return isInstalled_; }

 private:
  void run();
  const char* install(const faiban::Manifest& manifest);

  SavedState* state_ = nullptr;
  faiban::UpdateRules rules_;
  bool isTrial_ = false;
  volatile bool isBusy_ = false;
  volatile bool isInstalled_ = false;
};
