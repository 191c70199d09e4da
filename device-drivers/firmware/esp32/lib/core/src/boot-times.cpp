#include "boot-times.h"

namespace faiban {

namespace {

/** What a start takes at least until the meter measures again. */
constexpr int64_t restartMs = 1000;

}  // namespace

void BootTimes::note(const ReadingTime& time) {
  Boot* const last = count_ > 0 ? &boots_[count_ - 1] : nullptr;
  if (time.isEpoch) {
    if (last != nullptr && !last->hasEnd) {
      last->hasEnd = true;
      last->endEpochMs = time.ms - restartMs;
    }
    return;
  }
  if (time.boot == current_) return;
  if (last != nullptr && last->boot == time.boot) {
    if (time.ms > last->lastMs) last->lastMs = time.ms;
    return;
  }
  if (count_ == capacity) {
    for (int i = 1; i < capacity; i++) boots_[i - 1] = boots_[i];
    count_--;
  }
  boots_[count_++] = {time.boot, time.ms, false, 0};
}

bool BootTimes::epochOf(const ReadingTime& time, int64_t& epochMs) const {
  if (time.isEpoch) {
    epochMs = time.ms;
    return true;
  }
  bool isKnown = isKnown_;
  int64_t startMs = startEpochMs_;
  if (time.boot == current_) {
    epochMs = startMs + time.ms;
    return isKnown;
  }
  for (int i = count_ - 1; i >= 0; i--) {
    const Boot& boot = boots_[i];
    isKnown = isKnown || boot.hasEnd;
    startMs = (boot.hasEnd ? boot.endEpochMs : startMs - restartMs) - boot.lastMs;
    if (boot.boot != time.boot) continue;
    epochMs = startMs + time.ms;
    return isKnown;
  }
  return false;
}

bool BootTimes::isForgotten(const ReadingTime& time) const {
  int64_t epochMs = 0;
  return isKnown_ && !epochOf(time, epochMs);
}

}  // namespace faiban
