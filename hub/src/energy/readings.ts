/** Readings of one series as columns: millions of them cost little memory, and loops over them little time. */

export interface TimedValue {
  timeMs: number;
  value: number;
}

/** Readings in order of time; the first `length` entries of both columns count. */
export interface Readings {
  /** Epoch milliseconds. */
  times: Float64Array;
  values: Float64Array;
  length: number;
}

export function emptyReadings(capacity = 0): Readings {
  return { times: new Float64Array(capacity), values: new Float64Array(capacity), length: 0 };
}

/** Adds one reading at the end. */
export function pushReading(into: Readings, timeMs: number, value: number): void {
  if (into.length === into.times.length) grow(into, into.length + 1);
  into.times[into.length] = timeMs;
  into.values[into.length] = value;
  into.length++;
}

/** Adds readings at the end. */
export function pushReadings(into: Readings, more: Readings): void {
  if (into.length + more.length > into.times.length) grow(into, into.length + more.length);
  into.times.set(more.times.subarray(0, more.length), into.length);
  into.values.set(more.values.subarray(0, more.length), into.length);
  into.length += more.length;
}

/** The readings from the index `from` up to, not at, `to`; they share memory with the whole. */
export function sliceReadings({ times, values, length }: Readings, from: number, to = length): Readings {
  const end = Math.max(from, Math.min(to, length));
  return { times: times.subarray(from, end), values: values.subarray(from, end), length: end - from };
}

export function readingsFrom(list: Iterable<TimedValue>): Readings {
  const readings = emptyReadings();
  for (const { timeMs, value } of list) pushReading(readings, timeMs, value);
  return readings;
}

export function readingAt({ times, values }: Readings, index: number): TimedValue {
  return { timeMs: times[index]!, value: values[index]! };
}

/** The index of the first reading at or after the time; the length when there is none. */
export function indexAt({ times, length }: Readings, timeMs: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle]! < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Room for half as many again, so that adding one by one copies little. */
function grow(readings: Readings, least: number): void {
  const capacity = Math.max(16, least, Math.ceil(readings.length * 1.5));
  const times = new Float64Array(capacity);
  const values = new Float64Array(capacity);
  times.set(readings.times.subarray(0, readings.length));
  values.set(readings.values.subarray(0, readings.length));
  readings.times = times;
  readings.values = values;
}
