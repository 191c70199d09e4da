#ifdef METER_PULSE
#include <Arduino.h>

#include "meter.h"
#include "pulses.h"
#include "settings.h"

namespace {

faiban::PulseMeter pulses(kPulsesPerKwh);

/** Pulses come in an interrupt; everything else takes them for a moment. */
portMUX_TYPE pulsesGuard = portMUX_INITIALIZER_UNLOCKED;

void IRAM_ATTR onPulse() {
  portENTER_CRITICAL_ISR(&pulsesGuard);
  pulses.pulse(static_cast<uint32_t>(millis()));
  portEXIT_CRITICAL_ISR(&pulsesGuard);
}

/** The S0 output or the LED of a meter. */
class PulseInput final : public Meter {
 public:
  void begin(SavedState& state) override {
    state_ = &state;
    pulses.restore(state.number("pulses"));
    pulses.setPulsesPerKwh(static_cast<uint32_t>(state.number("perKwh", kPulsesPerKwh)));
    pinMode(kPulsePin, INPUT_PULLUP);
    attachInterrupt(digitalPinToInterrupt(kPulsePin), onPulse, FALLING);
  }

  bool measure(uint8_t, faiban::Reading& reading) override {
    const faiban::PulseMeter now = copy();
    int64_t powerDeciW = 0;
    if (now.power(static_cast<uint32_t>(millis()), powerDeciW)) reading.set(faiban::Field::powerDeciW, powerDeciW);
    reading.set(faiban::Field::importWh, static_cast<int64_t>(now.importWh()));
    return true;
  }

  const char* setPulsesPerKwh(uint32_t pulsesPerKwh) override {
    state_->setNumber("perKwh", pulsesPerKwh);
    portENTER_CRITICAL(&pulsesGuard);
    pulses.setPulsesPerKwh(pulsesPerKwh);
    portEXIT_CRITICAL(&pulsesGuard);
    return nullptr;
  }

  void save() override { state_->setNumber("pulses", copy().pulses()); }

 private:
  static faiban::PulseMeter copy() {
    portENTER_CRITICAL(&pulsesGuard);
    const faiban::PulseMeter now = pulses;
    portEXIT_CRITICAL(&pulsesGuard);
    return now;
  }

  SavedState* state_ = nullptr;
};

}  // namespace

Meter& meter() {
  static PulseInput input;
  return input;
}

#endif  // METER_PULSE
