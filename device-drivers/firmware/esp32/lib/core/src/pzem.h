#pragma once
#include "reading.h"

namespace faiban {

/**
 * The PZEM-004T v3 over Modbus RTU, 9600 baud 8N1 ("PZEM-004T V3.0 User Manual", Peacefair): ten input registers from 0
 * on, voltage 0.1 V, current 1 mA, power 0.1 W and energy 1 Wh as pairs with the low word first, frequency 0.1 Hz,
 * power factor 0.01, alarm.
 */
constexpr size_t pzemRequestBytes = 8;
constexpr size_t pzemResponseBytes = 25;

/** Asks for all registers; the address is 1 to 247, or 248 (0xf8) for a single module of any address. */
void writePzemRequest(uint8_t address, uint8_t (&request)[pzemRequestBytes]);

/** Fills a reading from a response; false when it is not whole, or says an error. */
bool parsePzemResponse(Bytes response, Reading& reading);

}  // namespace faiban
