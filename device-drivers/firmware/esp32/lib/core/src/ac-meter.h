#pragma once
#include <cstdint>

#include "reading.h"

namespace faiban {

/** What one count of the converter is worth, and how late the current is sampled after the voltage. */
struct AcCalibration {
  float voltsPerCount = 1;
  /** Negative when the clamp is the other way round. */
  float ampsPerCount = 1;
  /** Below this the clamp shows noise alone: current and power are 0. */
  float leastA = 0.05F;
  /** Moves the voltage towards its last sample (0) or its next (2); 1 leaves it. Makes up for clamp and converter. */
  float phaseShift = 1;
};

/** What was measured over a window of whole cycles. */
struct AcResult {
  float voltageV;
  float currentA;
  /** Positive is import. */
  float powerW;
  float apparentVa;
  /** Power by apparent power, 0 without current. */
  float powerFactor;
};

/**
 * RMS and power from pairs of samples. Where zero is (half the supply) is found from the samples themselves: sums are
 * whole numbers, and the mean is taken out at the end, so that no filter has to settle.
 */
class AcMeter {
 public:
  /** A pair of raw samples; call it at even intervals, over whole cycles of the mains. */
  void add(int16_t voltageCounts, int16_t currentCounts);

  /** The window's result, false when it has fewer than 64 pairs; begins a new window. */
  bool finish(const AcCalibration& calibration, AcResult& result);

 private:
  struct Sums {
    int64_t v = 0, i = 0, vv = 0, ii = 0, vi = 0, lateVi = 0;
    int32_t count = 0;
  };
  Sums sums_;
  int16_t lastVoltage_ = 0;
  bool isFirst_ = true;
};

/** Feeds an `AcMeter` with whole cycles of the mains, a second or so each, whatever the sampling rate really is. */
class AcWindow {
 public:
  static constexpr uint16_t cyclesPerWindow = 50;
  /** Ends a window in which there are no cycles: a second and more at 10,000 pairs a second. */
  static constexpr uint16_t mostPairs = 15'000;

  /** A pair of raw samples; true when a window is whole: call `finish` then. */
  bool add(int16_t voltageCounts, int16_t currentCounts);

  bool finish(const AcCalibration& calibration, AcResult& result) { return meter_.finish(calibration, result); }

 private:
  bool isRising(int16_t voltageCounts);

  AcMeter meter_;
  int32_t middle_ = 0;  // times 1,024
  bool isBelow_ = false;
  uint16_t cycles_ = 0;
  uint16_t pairs_ = 0;
};

/** Rounds a result into a reading of one phase. */
void fillReading(const AcResult& result, Reading& reading);

/**
 * The factor that a reference instrument asks for; false when it is more than two fold, which is a mistake of the hand.
 */
bool correctionOf(float referenceValue, float measuredValue, float& factor);

}  // namespace faiban
