#pragma once
#include <cstddef>
#include <cstdint>

namespace faiban {

/** Bytes that belong to somebody else. */
struct Bytes {
  const uint8_t* data = nullptr;
  size_t size = 0;
};

/** CRC-32 of IEEE 802.3 (as in zlib); `seed` goes on from the CRC of what came before. */
uint32_t crc32(Bytes bytes, uint32_t seed = 0);

/** CRC-16 of Modbus RTU ("MODBUS over serial line" V1.02, section 6.2.2), low byte first on the wire. */
uint16_t crc16Modbus(Bytes bytes);

/** Writes seven bits a byte, low ones first; returns how many bytes, 0 when there is no room. */
size_t writeVarint(uint64_t value, uint8_t* to, size_t room);

/** Takes a varint from the front of `from`; false when it is cut off or longer than 64 bits. */
bool readVarint(Bytes& from, uint64_t& value);

/** Small numbers of either sign become small numbers. */
constexpr uint64_t zigzag(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}
constexpr int64_t unzigzag(uint64_t value) {
  return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
}

}  // namespace faiban
