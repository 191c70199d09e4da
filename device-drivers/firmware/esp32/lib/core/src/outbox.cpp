#include "outbox.h"

namespace faiban {

void Outbox::begin() {
  FlashRing::Place place = ring_.oldest();
  uint8_t record[maxRecordBytes];
  Reading reading;
  for (size_t size; (size = ring_.read(place, record, sizeof record)) > 0; place = FlashRing::after(place, size))
    if (decodeReading({record, size}, reading)) times_.note(reading.time);
}

void Outbox::connected(uint32_t nowMs) {
  isConnected_ = true;
  connectedMs_ = nowMs;
  batchDoneMs_ = nowMs;
}

/** What was in flight may have arrived or not: it is sent again, and the hub counts a reading of the same time once. */
void Outbox::disconnected() {
  isConnected_ = false;
  batchCount_ = 0;
  for (;;) {
    Live* oldest = nullptr;
    for (Live& live : live_) {
      const bool isOlder = oldest == nullptr || static_cast<int32_t>(live.sentMs - oldest->sentMs) < 0;
      if (live.message > 0 && isOlder) oldest = &live;
    }
    if (oldest == nullptr) return;
    oldest->message = 0;
    store(oldest->reading);
  }
}

void Outbox::add(const Reading& reading, uint32_t nowMs) {
  if (!sendLive(reading, nowMs)) store(reading);
}

bool Outbox::sendLive(const Reading& reading, uint32_t nowMs) {
  if (!isConnected_) return false;
  int64_t epochMs = 0;
  const bool hasTime = times_.epochOf(reading.time, epochMs);
  if (!hasTime && nowMs - connectedMs_ < clockPatienceMs) return false;
  for (Live& live : live_) {
    if (live.message > 0) continue;
    const int message = publisher_.publish(reading, hasTime ? &epochMs : nullptr);
    if (message <= 0) return false;
    live.message = message;
    live.sentMs = nowMs;
    live.reading = reading;
    return true;
  }
  return false;
}

void Outbox::store(const Reading& reading) {
  uint8_t record[maxRecordBytes];
  const size_t size = encodeReading(reading, record, sizeof record);
  if (size > 0 && ring_.append({record, size})) counts_.stored++;
  else counts_.lost++;
}

void Outbox::acknowledged(int message) {
  if (message <= 0) return;
  for (Live& live : live_) {
    if (live.message != message) continue;
    live.message = 0;
    counts_.delivered++;
    return;
  }
  for (int i = 0; i < batchCount_; i++) {
    if (batch_[i].message != message) continue;
    batch_[i].message = 0;
    counts_.delivered++;
    return;
  }
}

void Outbox::tick(uint32_t nowMs) {
  storeOverdue(nowMs);
  if (!isConnected_) return;
  if (batchCount_ > 0) finishBatch(nowMs);
  else if (ring_.pending() > 0 && nowMs - batchDoneMs_ >= batchPauseMs) sendBatch(nowMs);
}

void Outbox::storeOverdue(uint32_t nowMs) {
  for (Live& live : live_) {
    if (live.message <= 0 || nowMs - live.sentMs < acknowledgeMs) continue;
    live.message = 0;
    store(live.reading);
  }
}

void Outbox::sendBatch(uint32_t nowMs) {
  FlashRing::Place place = ring_.oldest();
  uint8_t record[maxRecordBytes];
  Reading reading;
  batchSentMs_ = nowMs;
  while (batchCount_ < batchSlots) {
    const size_t size = ring_.read(place, record, sizeof record);
    if (size == 0) return;
    Stored& stored = batch_[batchCount_];
    stored = {0, place, size};
    place = FlashRing::after(place, size);
    int64_t epochMs = 0;
    if (!decodeReading({record, size}, reading) || times_.isForgotten(reading.time)) {
      counts_.lost++;  // it counts as delivered: nobody can ever send it
    } else {
      if (!times_.epochOf(reading.time, epochMs)) return;
      stored.message = publisher_.publish(reading, &epochMs);
      if (stored.message <= 0) return;
    }
    batchCount_++;
  }
}

/** One mark for the whole batch, at its last record. */
void Outbox::finishBatch(uint32_t nowMs) {
  if (isBatchDone()) {
    const Stored& last = batch_[batchCount_ - 1];
    ring_.markDelivered(last.place, last.size);
  } else if (nowMs - batchSentMs_ < acknowledgeMs) return;
  batchCount_ = 0;
  batchDoneMs_ = nowMs;
}

bool Outbox::isBatchDone() const {
  for (int i = 0; i < batchCount_; i++)
    if (batch_[i].message > 0) return false;
  return true;
}

OutboxCounts Outbox::counts() const {
  OutboxCounts counts = counts_;
  counts.lost += ring_.lost();
  return counts;
}

}  // namespace faiban
