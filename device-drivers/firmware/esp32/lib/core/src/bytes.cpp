#include "bytes.h"

namespace faiban {

namespace {

/** Reflected, by nibble: 64 bytes of table in place of 1024, and fast enough for records. */
constexpr uint32_t nibbleTable[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
                                      0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                      0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};

}  // namespace

uint32_t crc32(Bytes bytes, uint32_t seed) {
  uint32_t crc = ~seed;
  for (size_t i = 0; i < bytes.size; i++) {
    crc ^= bytes.data[i];
    crc = (crc >> 4) ^ nibbleTable[crc & 15];
    crc = (crc >> 4) ^ nibbleTable[crc & 15];
  }
  return ~crc;
}

uint16_t crc16Modbus(Bytes bytes) {
  uint16_t crc = 0xffff;
  for (size_t i = 0; i < bytes.size; i++) {
    crc ^= bytes.data[i];
    for (int bit = 0; bit < 8; bit++) crc = static_cast<uint16_t>((crc & 1) ? (crc >> 1) ^ 0xa001 : crc >> 1);
  }
  return crc;
}

size_t writeVarint(uint64_t value, uint8_t* to, size_t room) {
  size_t used = 0;
  do {
    if (used == room) return 0;
    const auto low = static_cast<uint8_t>(value & 0x7f);
    value >>= 7;
    to[used++] = static_cast<uint8_t>(low | (value != 0 ? 0x80 : 0));
  } while (value != 0);
  return used;
}

bool readVarint(Bytes& from, uint64_t& value) {
  value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (from.size == 0) return false;
    const uint8_t byte = *from.data++;
    from.size--;
    if (shift == 63 && byte > 1) return false;
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return true;
  }
  return false;
}

}  // namespace faiban
