#pragma once
#include <esp_partition.h>

#include "flash.h"

/** The partition `readings`. */
class PartitionFlash final : public faiban::Flash {
 public:
  /** False when the partition table has no such partition, or it is encrypted, which forbids writing a byte twice. */
  bool begin() {
    partition_ = esp_partition_find_first(ESP_PARTITION_TYPE_DATA, ESP_PARTITION_SUBTYPE_ANY, "readings");
    return partition_ != nullptr && !partition_->encrypted;
  }

  uint32_t blockCount() const override { return partition_->size / blockBytes; }
  bool read(uint32_t offset, void* to, size_t size) override {
    return esp_partition_read(partition_, offset, to, size) == ESP_OK;
  }
  bool program(uint32_t offset, const void* from, size_t size) override {
    return esp_partition_write(partition_, offset, from, size) == ESP_OK;
  }
  bool erase(uint32_t block) override {
    return esp_partition_erase_range(partition_, block * blockBytes, blockBytes) == ESP_OK;
  }

 private:
  const esp_partition_t* partition_ = nullptr;
};
