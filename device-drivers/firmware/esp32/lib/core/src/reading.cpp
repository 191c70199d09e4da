#include "reading.h"

namespace faiban {

namespace {

constexpr uint8_t formatBits = 0x10;  // the high nibble is the format, the low one has flags
constexpr uint8_t isEpochBit = 0x01;

class Packer {
 public:
  Packer(uint8_t* to, size_t room) : to_(to), room_(room) {}
  void byte(uint8_t value) {
    if (used_ < room_) to_[used_++] = value;
    else isFull_ = true;
  }
  void varint(uint64_t value) {
    const size_t length = writeVarint(value, to_ + used_, room_ - used_);
    used_ += length;
    isFull_ = isFull_ || length == 0;
  }
  size_t size() const { return isFull_ ? 0 : used_; }

 private:
  uint8_t* to_;
  size_t room_;
  size_t used_ = 0;
  bool isFull_ = false;
};

}  // namespace

size_t encodeReading(const Reading& reading, uint8_t* to, size_t room) {
  Packer packer(to, room);
  packer.byte(static_cast<uint8_t>(formatBits | (reading.time.isEpoch ? isEpochBit : 0)));
  packer.byte(reading.input);
  if (!reading.time.isEpoch) packer.varint(reading.time.boot);
  packer.varint(zigzag(reading.time.ms));
  packer.varint(reading.present);
  for (size_t i = 0; i < fieldCount; i++)
    if (reading.has(static_cast<Field>(i))) packer.varint(zigzag(reading.values[i]));
  return packer.size();
}

bool decodeReading(Bytes record, Reading& reading) {
  if (record.size < 2 || (record.data[0] & ~isEpochBit) != formatBits) return false;
  reading = Reading{};
  reading.time.isEpoch = (record.data[0] & isEpochBit) != 0;
  reading.input = record.data[1];
  Bytes rest{record.data + 2, record.size - 2};
  uint64_t value = 0;
  if (!reading.time.isEpoch) {
    if (!readVarint(rest, value) || value > UINT32_MAX) return false;
    reading.time.boot = static_cast<uint32_t>(value);
  }
  if (!readVarint(rest, value)) return false;
  reading.time.ms = unzigzag(value);
  uint64_t present = 0;
  if (!readVarint(rest, present) || (present >> fieldCount) != 0) return false;
  for (size_t i = 0; i < fieldCount; i++) {
    if (((present >> i) & 1) == 0) continue;
    if (!readVarint(rest, value)) return false;
    reading.set(static_cast<Field>(i), unzigzag(value));
  }
  return rest.size == 0;
}

}  // namespace faiban
