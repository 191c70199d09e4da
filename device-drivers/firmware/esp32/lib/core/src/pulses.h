#pragma once
#include <cstdint>

namespace faiban {

/**
 * Energy and power from the pulses of a meter (S0, or its blinking LED). `pulse` may be called from an interrupt, all
 * else from one task while interrupts of the pin are held off.
 */
class PulseMeter {
 public:
  /** Pulses closer than this are a bouncing contact: at 10,000 pulses a kWh 40 ms are 9 kW, at 1,000 90 kW. */
  explicit PulseMeter(uint32_t pulsesPerKwh, uint32_t debounceMs = 40)
      : pulsesPerKwh_(pulsesPerKwh), debounceMs_(debounceMs) {}

  void restore(uint64_t pulses) { pulses_ = pulses; }
  void setPulsesPerKwh(uint32_t pulsesPerKwh) { pulsesPerKwh_ = pulsesPerKwh; }

  /** A pulse at that time of a clock that may wrap; false when it came too soon after the last. */
  bool pulse(uint32_t nowMs) {
    if (isAnySeen_ && nowMs - lastMs_ < debounceMs_) return false;
    if (isAnySeen_) gapMs_ = nowMs - lastMs_;
    isAnySeen_ = true;
    lastMs_ = nowMs;
    pulses_++;
    return true;
  }

  uint64_t pulses() const { return pulses_; }
  uint64_t importWh() const { return pulses_ / pulsesPerKwh_ * 1000 + pulses_ % pulsesPerKwh_ * 1000 / pulsesPerKwh_; }

  /**
   * The power between the last two pulses; less as soon as the next one is overdue, 0 after an hour. False before there
   * are two pulses.
   */
  bool power(uint32_t nowMs, int64_t& powerDeciW) const {
    if (gapMs_ == 0) return false;
    const uint32_t sinceMs = nowMs - lastMs_;
    const uint64_t spanMs = sinceMs > gapMs_ ? sinceMs : gapMs_;
    constexpr uint64_t hourMs = 3'600'000;
    // One pulse is 1000/pulsesPerKwh Wh: over the span in hours that is W, ten times that is dW.
    powerDeciW = spanMs >= hourMs ? 0 : static_cast<int64_t>(hourMs * 10'000 / pulsesPerKwh_ / spanMs);
    return true;
  }

 private:
  uint32_t pulsesPerKwh_;
  uint32_t debounceMs_;
  uint64_t pulses_ = 0;
  uint32_t lastMs_ = 0;
  uint32_t gapMs_ = 0;  // 0: fewer than two pulses
  bool isAnySeen_ = false;
};

}  // namespace faiban
