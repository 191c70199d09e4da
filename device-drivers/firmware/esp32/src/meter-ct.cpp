#ifdef METER_CT
#include <Arduino.h>
#include <esp_adc/adc_continuous.h>

#include "ac-meter.h"
#include "energy.h"
#include "meter.h"
#include "settings.h"

namespace {

using faiban::AcResult;

constexpr uint32_t pairsPerSecond = 10'000;  // the converter takes 20,000 samples a second, of two pins in turn
constexpr size_t frameBytes = 1'024;

/** Samples without a gap in a task of its own, and hands over the newest result of a second. */
class ClampMeter final : public Meter {
 public:
  void begin(SavedState& state) override {
    state_ = &state;
    calibration_.voltsPerCount = state.factor("voltsPerCount", kVoltsPerCount);
    calibration_.ampsPerCount = state.factor("ampsPerCount", kAmpsPerCount);
    registers_.restore(state.number("importWh"), state.number("exportWh"));
    guard_ = xSemaphoreCreateMutex();
    startConverter();
    xTaskCreatePinnedToCore([](void* self) { static_cast<ClampMeter*>(self)->sample(); }, "sample", 4'096, this, 3,
                            nullptr, 1);
  }

  bool measure(uint8_t, faiban::Reading& reading) override {
    xSemaphoreTake(guard_, portMAX_DELAY);
    const bool isNew = isNew_;
    isNew_ = false;
    if (isNew) {
      faiban::fillReading(result_, reading);
      reading.set(faiban::Field::importWh, static_cast<int64_t>(registers_.importWh()));
      reading.set(faiban::Field::exportWh, static_cast<int64_t>(registers_.exportWh()));
    }
    xSemaphoreGive(guard_);
    return isNew;
  }

  const char* calibrate(const faiban::Command& command) override {
    xSemaphoreTake(guard_, portMAX_DELAY);
    const char* const error = correct(command);
    xSemaphoreGive(guard_);
    return error;
  }

  void save() override {
    xSemaphoreTake(guard_, portMAX_DELAY);
    const uint64_t importWh = registers_.importWh();
    const uint64_t exportWh = registers_.exportWh();
    xSemaphoreGive(guard_);
    state_->setNumber("importWh", importWh);
    state_->setNumber("exportWh", exportWh);
  }

 private:
  void startConverter() {
    adc_continuous_handle_cfg_t buffers = {};
    buffers.max_store_buf_size = 8 * frameBytes;
    buffers.conv_frame_size = frameBytes;
    ESP_ERROR_CHECK(adc_continuous_new_handle(&buffers, &converter_));
    const int pins[2] = {kVoltagePin, kCurrentPin};
    adc_digi_pattern_config_t pattern[2] = {};
    for (int i = 0; i < 2; i++) {
      adc_unit_t unit = ADC_UNIT_1;
      adc_channel_t channel = ADC_CHANNEL_0;
      ESP_ERROR_CHECK(adc_continuous_io_to_channel(pins[i], &unit, &channel));
      pattern[i].atten = ADC_ATTEN_DB_12;
      pattern[i].channel = static_cast<uint8_t>(channel);
      pattern[i].unit = ADC_UNIT_1;
      pattern[i].bit_width = SOC_ADC_DIGI_MAX_BITWIDTH;
      channels_[i] = static_cast<uint8_t>(channel);
    }
    adc_continuous_config_t config = {};
    config.pattern_num = 2;
    config.adc_pattern = pattern;
    config.sample_freq_hz = 2 * pairsPerSecond;
    config.conv_mode = ADC_CONV_SINGLE_UNIT_1;
    config.format = ADC_DIGI_OUTPUT_FORMAT_TYPE1;
    ESP_ERROR_CHECK(adc_continuous_config(converter_, &config));
    ESP_ERROR_CHECK(adc_continuous_start(converter_));
  }

  [[noreturn]] void sample() {
    static uint8_t frame[frameBytes];
    for (;;) {
      uint32_t size = 0;
      if (adc_continuous_read(converter_, frame, sizeof frame, &size, 1'000) != ESP_OK) continue;
      for (uint32_t at = 0; at + sizeof(adc_digi_output_data_t) <= size; at += sizeof(adc_digi_output_data_t))
        take(*reinterpret_cast<const adc_digi_output_data_t*>(frame + at));
    }
  }

  /** The converter may swap neighbours: the channel tells which one it is. */
  void take(const adc_digi_output_data_t& sample) {
    const auto counts = static_cast<int16_t>(sample.type1.data);
    if (sample.type1.channel == channels_[0]) {
      voltage_ = counts;
      hasVoltage_ = true;
    } else if (sample.type1.channel == channels_[1] && hasVoltage_) {
      hasVoltage_ = false;
      if (window_.add(voltage_, counts)) finish();
    }
  }

  void finish() {
    xSemaphoreTake(guard_, portMAX_DELAY);
    const auto nowMs = static_cast<uint32_t>(millis());
    if (window_.finish(calibration_, result_)) {
      registers_.add(lroundf(result_.powerW * 10), nowMs - finishedMs_);
      isNew_ = true;
    }
    finishedMs_ = nowMs;
    xSemaphoreGive(guard_);
  }

  const char* correct(const faiban::Command& command) {
    float volts = 1;
    float amps = 1;
    const float referenceV = static_cast<float>(command.voltageCentiV) / 100;
    const float referenceA = static_cast<float>(command.currentMilliA) / 1'000;
    if (command.voltageCentiV != 0 && !faiban::correctionOf(referenceV, result_.voltageV, volts))
      return "the voltage is more than twofold off: check the wiring";
    if (command.currentMilliA != 0 && !faiban::correctionOf(referenceA, result_.currentA, amps))
      return "the current is more than twofold off: check the clamp";
    calibration_.voltsPerCount *= volts;
    calibration_.ampsPerCount *= amps;
    state_->setFactor("voltsPerCount", calibration_.voltsPerCount);
    state_->setFactor("ampsPerCount", calibration_.ampsPerCount);
    return nullptr;
  }

  SavedState* state_ = nullptr;
  SemaphoreHandle_t guard_ = nullptr;
  adc_continuous_handle_t converter_ = nullptr;
  uint8_t channels_[2] = {};
  faiban::AcWindow window_;
  int16_t voltage_ = 0;
  bool hasVoltage_ = false;
  // Below: under the guard.
  faiban::AcCalibration calibration_;
  faiban::EnergyRegisters registers_;
  AcResult result_ = {};
  bool isNew_ = false;
  uint32_t finishedMs_ = 0;
};

}  // namespace

Meter& meter() {
  static ClampMeter clamp;
  return clamp;
}

#endif  // METER_CT
