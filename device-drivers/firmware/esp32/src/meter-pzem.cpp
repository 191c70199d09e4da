#ifdef METER_PZEM
#include <Arduino.h>

#include "meter.h"
#include "pzem.h"
#include "settings.h"

namespace {

/** One or more PZEM-004T v3 on one serial line. They count energy themselves, also while this is off. */
class PzemMeter final : public Meter {
 public:
  void begin(SavedState&) override { Serial2.begin(9600, SERIAL_8N1, kPzemRxPin, kPzemTxPin); }

  uint8_t inputs() const override { return sizeof kPzemAddresses; }

  bool measure(uint8_t input, faiban::Reading& reading) override {
    while (Serial2.available() > 0) Serial2.read();
    uint8_t request[faiban::pzemRequestBytes];
    faiban::writePzemRequest(kPzemAddresses[input], request);
    Serial2.write(request, sizeof request);
    Serial2.setTimeout(200);  // a response takes 26 ms on the wire, and the module some tens before
    uint8_t response[faiban::pzemResponseBytes];
    const size_t size = Serial2.readBytes(response, sizeof response);
    return faiban::parsePzemResponse({response, size}, reading);
  }

  const char* calibrate(const faiban::Command&) override { return "a PZEM is calibrated by its maker"; }
};

}  // namespace

Meter& meter() {
  static PzemMeter pzem;
  return pzem;
}

#endif  // METER_PZEM
