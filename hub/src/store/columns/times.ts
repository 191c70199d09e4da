/**
 * Columns of times as bytes. A meter that measures at a steady pace is a grid, and each time lies a little beside its
 * place on it: the distance is what is written, so a perfect pace costs nothing and jitter no more than its own spread
 * (a difference of differences would cost twice as many bits). Behind a gap the grid begins anew.
 */
import { createByteReader, createByteWriter } from "../bytes.ts";
import { decodeFirstTimes } from "./first-format.ts";
import { type Coding, mostValues, readIntegers, writeIntegers } from "./integers.ts";

const format = 2;
const sampledSteps = 63;

const writer = createByteWriter();
let distances = new Float64Array(4_096);

/** Whole numbers in rising order, such as epoch milliseconds. */
export function encodeTimes(times: Float64Array, coding: Coding = "small"): Uint8Array {
  writer.start();
  writer.varint(format);
  writer.varint(times.length);
  if (times.length > 0) {
    const stepMs = usualStep(times);
    writer.signed(times[0]!);
    writer.signed(stepMs);
    const grid = createGrid(times[0]!, stepMs);
    if (distances.length < times.length) distances = new Float64Array(times.length);
    for (let at = 0; at < times.length; at++) distances[at] = grid.distance(times[at]!);
    writeIntegers(writer, distances.subarray(0, times.length), coding);
  }
  return writer.bytes().slice();
}

/** The times of a column. Throws a RangeError when it is damaged. */
export function decodeTimes(bytes: Uint8Array): Float64Array {
  if (bytes[0]! < format) return decodeFirstTimes(bytes);
  const reader = createByteReader(bytes);
  if (reader.varint() !== format) throw new RangeError("it is of an unknown format");
  const length = reader.varint();
  if (length > mostValues) throw new RangeError("it has too many times");
  if (length === 0) return new Float64Array(0);
  const firstMs = reader.signed();
  const grid = createGrid(firstMs, reader.signed());
  const times = readIntegers(reader, length);
  for (let at = 0; at < length; at++) times[at] = grid.time(times[at]!);
  return times;
}

/** Places a step apart; a time further than half a step from its place moves all that follow. */
function createGrid(firstMs: number, stepMs: number) {
  let placeMs = firstMs - stepMs;

  function advance(distance: number): void {
    if (Math.abs(distance) > stepMs / 2) placeMs += distance;
  }

  return {
    /** How far the next time lies from its place. */
    distance(timeMs: number): number {
      placeMs += stepMs;
      const distance = timeMs - placeMs;
      advance(distance);
      return distance;
    },
    /** The next time, from its distance. */
    time(distance: number): number {
      placeMs += stepMs;
      const timeMs = placeMs + distance;
      advance(distance);
      return timeMs;
    },
  };
}

/** The median of some of the steps, which gaps do not move. */
function usualStep(times: Float64Array): number {
  const count = Math.min(sampledSteps, times.length - 1);
  if (count < 1) return 0;
  const steps = Float64Array.from({ length: count }, (_, index) => {
    const at = 1 + Math.floor((index * (times.length - 1)) / count);
    return times[at]! - times[at - 1]!;
  });
  return steps.sort()[count >> 1]!;
}
