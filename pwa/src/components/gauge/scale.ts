// Ends that a household knows: a fan's corner of the house, up to a three-phase connection.
const ends = [1_000, 2_000, 3_000, 5_000, 8_000, 12_000, 16_000, 24_000, 36_000, 60_000, 100_000];

/**
 * The power at the gauge's end: room above the day's highest, and never shrinking while the page is open,
 * so that the same length means the same power.
 */
export function gaugeScale(highestW: number, currentScaleW = 0): number {
  const needed = Math.max(highestW * 1.08, 1_001);
  const end = ends.find((candidate) => candidate >= needed) ?? Math.ceil(needed / 50_000) * 50_000;
  return Math.max(end, currentScaleW);
}

// Most of a home's hours are spent in the lowest tenth of what it can draw. Below 1, the exponent gives them room.
const BEND = 0.6;

/** How far along the outline a power lies, 0…1. */
export function shareOfScale(powerW: number, scaleW: number): number {
  return Math.max(0, Math.min(1, powerW / scaleW)) ** BEND;
}

const marks = [500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000];

/** The powers to mark along the outline, clear of its ends: as the scale is bent, they make it readable. */
export function scaleMarks(scaleW: number): number[] {
  return marks.filter((powerW) => powerW >= scaleW / 14 && powerW <= scaleW * 0.6);
}
