#include "ac-meter.h"

#include <cmath>

namespace faiban {

void AcMeter::add(int16_t voltageCounts, int16_t currentCounts) {
  const int64_t v = voltageCounts;
  const int64_t i = currentCounts;
  const int64_t before = isFirst_ ? v : lastVoltage_;
  sums_.v += v;
  sums_.i += i;
  sums_.vv += v * v;
  sums_.ii += i * i;
  sums_.vi += v * i;
  sums_.lateVi += before * i;
  sums_.count++;
  lastVoltage_ = voltageCounts;
  isFirst_ = false;
}

bool AcMeter::finish(const AcCalibration& calibration, AcResult& result) {
  const Sums sums = sums_;
  sums_ = Sums{};
  if (sums.count < 64) return false;
  const double count = sums.count;
  const double meanV = static_cast<double>(sums.v) / count;
  const double meanI = static_cast<double>(sums.i) / count;
  const auto rms = [count](int64_t squares, double mean) {
    return std::sqrt(std::fmax(static_cast<double>(squares) / count - mean * mean, 0));
  };
  const double now = static_cast<double>(sums.vi) / count - meanV * meanI;
  const double late = static_cast<double>(sums.lateVi) / count - meanV * meanI;
  const double power = late + static_cast<double>(calibration.phaseShift) * (now - late);
  const double voltsPerCount = static_cast<double>(calibration.voltsPerCount);
  const double ampsPerCount = static_cast<double>(calibration.ampsPerCount);
  const double voltageV = rms(sums.vv, meanV) * std::fabs(voltsPerCount);
  double currentA = rms(sums.ii, meanI) * std::fabs(ampsPerCount);
  if (currentA < static_cast<double>(calibration.leastA)) currentA = 0;
  const double apparentVa = voltageV * currentA;
  const double powerW = currentA == 0 ? 0 : power * voltsPerCount * ampsPerCount;
  const double powerFactor = apparentVa == 0 ? 0 : std::fmax(-1, std::fmin(1, powerW / apparentVa));
  result = {static_cast<float>(voltageV), static_cast<float>(currentA), static_cast<float>(powerW),
            static_cast<float>(apparentVa), static_cast<float>(powerFactor)};
  return true;
}

bool AcWindow::add(int16_t voltageCounts, int16_t currentCounts) {
  meter_.add(voltageCounts, currentCounts);
  if (isRising(voltageCounts)) cycles_++;
  if (++pairs_ < mostPairs && cycles_ < cyclesPerWindow) return false;
  cycles_ = pairs_ = 0;
  return true;
}

/** Whether the voltage has just come up through its middle; it must have been well below, so that noise counts once. */
bool AcWindow::isRising(int16_t voltageCounts) {
  constexpr int32_t noiseCounts = 20;
  middle_ += voltageCounts - middle_ / 1024;
  const int32_t height = voltageCounts - middle_ / 1024;
  if (height < -noiseCounts) isBelow_ = true;
  if (!isBelow_ || height < noiseCounts) return false;
  isBelow_ = false;
  return true;
}

void fillReading(const AcResult& result, Reading& reading) {
  const auto rounded = [](float value, float times) { return static_cast<int64_t>(std::lround(value * times)); };
  reading.set(Field::voltageCentiV, rounded(result.voltageV, 100));
  reading.set(Field::currentMilliA, rounded(result.currentA, 1000));
  reading.set(Field::powerDeciW, rounded(result.powerW, 10));
  reading.set(Field::apparentPowerDeciVa, rounded(result.apparentVa, 10));
  if (result.currentA > 0) reading.set(Field::powerFactorMilli, rounded(result.powerFactor, 1000));
}

bool correctionOf(float referenceValue, float measuredValue, float& factor) {
  if (!(measuredValue > 0) || !(referenceValue > 0)) return false;
  const float found = referenceValue / measuredValue;
  if (found < 0.5F || found > 2) return false;
  factor = found;
  return true;
}

}  // namespace faiban
