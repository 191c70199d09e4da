#pragma once
#include <cstdint>

namespace faiban {

/**
 * How long to wait before the next attempt: doubles up to a most, half of it by chance, so that meters do not come
 * together.
 */
class Backoff {
 public:
  Backoff(uint32_t firstMs, uint32_t mostMs) : firstMs_(firstMs), mostMs_(mostMs), spanMs_(firstMs) {}

  /** `random` is any 32 bits of chance. */
  uint32_t nextMs(uint32_t random) {
    const uint32_t halfMs = spanMs_ / 2;
    const uint32_t waitMs = spanMs_ - halfMs + random % (halfMs + 1);
    spanMs_ = spanMs_ > mostMs_ / 2 ? mostMs_ : spanMs_ * 2;
    return waitMs;
  }

  /** After a success. */
  void reset() { spanMs_ = firstMs_; }

 private:
  uint32_t firstMs_;
  uint32_t mostMs_;
  uint32_t spanMs_;
};

}  // namespace faiban
