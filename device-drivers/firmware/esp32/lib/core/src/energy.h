#pragma once
#include <cstdint>

namespace faiban {

/** Registers of import and export that are fed with power; whole numbers, so that nothing is lost to rounding. */
class EnergyRegisters {
 public:
  /** A longer silence is a gap: what happened in it was not measured. */
  static constexpr uint32_t mostGapMs = 60'000;

  void restore(uint64_t importWh, uint64_t exportWh) {
    importWh_ = importWh;
    exportWh_ = exportWh;
  }

  /** The power since the last call, positive is import. */
  void add(int64_t powerDeciW, uint32_t elapsedMs) {
    if (elapsedMs > mostGapMs) return;
    const bool isExport = powerDeciW < 0;
    const auto work = static_cast<uint64_t>(isExport ? -powerDeciW : powerDeciW) * elapsedMs;
    uint64_t& rest = isExport ? exportRest_ : importRest_;
    rest += work;
    (isExport ? exportWh_ : importWh_) += rest / deciWMsPerWh;
    rest %= deciWMsPerWh;
  }

  uint64_t importWh() const { return importWh_; }
  uint64_t exportWh() const { return exportWh_; }

 private:
  /** 1 Wh = 3,600,000 W·ms = 36,000,000 dW·ms. */
  static constexpr uint64_t deciWMsPerWh = 36'000'000;

  uint64_t importWh_ = 0;
  uint64_t exportWh_ = 0;
  uint64_t importRest_ = 0;
  uint64_t exportRest_ = 0;
};

}  // namespace faiban
