#include "pzem.h"

namespace faiban {

namespace {

constexpr uint8_t readInputRegisters = 0x04;
constexpr uint8_t registerCount = 10;

}  // namespace

void writePzemRequest(uint8_t address, uint8_t (&request)[pzemRequestBytes]) {
  request[0] = address;
  request[1] = readInputRegisters;
  request[2] = request[3] = request[4] = 0;
  request[5] = registerCount;
  const uint16_t crc = crc16Modbus({request, 6});
  request[6] = static_cast<uint8_t>(crc);
  request[7] = static_cast<uint8_t>(crc >> 8);
}

bool parsePzemResponse(Bytes response, Reading& reading) {
  const uint8_t* const bytes = response.data;
  if (response.size != pzemResponseBytes) return false;
  if (bytes[1] != readInputRegisters || bytes[2] != 2 * registerCount) return false;
  const uint16_t crc = crc16Modbus({bytes, response.size - 2});
  if (bytes[23] != static_cast<uint8_t>(crc) || bytes[24] != static_cast<uint8_t>(crc >> 8)) return false;
  const auto word = [bytes](int index) {
    return static_cast<uint32_t>(bytes[3 + 2 * index] << 8 | bytes[4 + 2 * index]);
  };
  const auto pair = [word](int index) { return static_cast<int64_t>(word(index + 1) << 16 | word(index)); };
  reading.set(Field::voltageCentiV, word(0) * 10);
  reading.set(Field::currentMilliA, pair(1));
  reading.set(Field::powerDeciW, pair(3));
  reading.set(Field::importWh, pair(5));
  reading.set(Field::frequencyCentiHz, word(7) * 10);
  // Without current the module says 0.00, which is no power factor.
  if (pair(1) > 0) reading.set(Field::powerFactorMilli, word(8) * 10);
  return true;
}

}  // namespace faiban
