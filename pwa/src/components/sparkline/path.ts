/** One point of the curve; null breaks the line. */
export interface CurvePoint {
  timeMs: number;
  powerW: number | null;
}

export interface Frame {
  fromMs: number;
  toMs: number;
  lowW: number;
  highW: number;
  width: number;
  height: number;
}

export interface CurvePaths {
  line: string;
  /** The line closed down to zero. */
  area: string;
}

/** The day's curve as SVG paths: smooth, never higher or lower than its points, and broken at gaps. */
export function curvePaths(points: CurvePoint[], frame: Frame): CurvePaths {
  const zeroY = round(yOf(0, frame));
  const runs = splitRuns(points).map((run) =>
    run.map((point) => ({ x: xOf(point.timeMs, frame), y: yOf(point.powerW, frame) })),
  );
  const lines = runs.map(smooth);
  const areas = runs.map(
    (run, index) => `${lines[index]}L${round(run.at(-1)!.x)} ${zeroY}L${round(run[0]!.x)} ${zeroY}Z`,
  );
  return { line: lines.join(""), area: areas.join("") };
}

export function xOf(timeMs: number, frame: Frame): number {
  return ((timeMs - frame.fromMs) / (frame.toMs - frame.fromMs)) * frame.width;
}

export function yOf(powerW: number, frame: Frame): number {
  return frame.height - ((powerW - frame.lowW) / (frame.highW - frame.lowW)) * frame.height;
}

interface Point {
  x: number;
  y: number;
}

function splitRuns(points: CurvePoint[]): { timeMs: number; powerW: number }[][] {
  const runs: { timeMs: number; powerW: number }[][] = [];
  let open = false;
  for (const { timeMs, powerW } of points) {
    if (powerW === null) {
      open = false;
      continue;
    }
    if (open) runs.at(-1)!.push({ timeMs, powerW });
    else runs.push([{ timeMs, powerW }]);
    open = true;
  }
  return runs;
}

// Monotone cubic interpolation (Fritsch–Carlson): a plain spline would draw peaks that never were.
function smooth(run: Point[]): string {
  const first = run[0]!;
  const start = `M${round(first.x)} ${round(first.y)}`;
  if (run.length === 1) return `${start}h0.01`;
  const slopes = run.slice(1).map((point, index) => {
    const from = run[index]!;
    return (point.y - from.y) / Math.max(1e-9, point.x - from.x);
  });
  const tangents = run.map((_, index) => {
    const before = slopes[index - 1];
    const after = slopes[index];
    if (before === undefined) return after!;
    if (after === undefined) return before;
    return before * after <= 0 ? 0 : (2 * before * after) / (before + after);
  });
  return run.slice(1).reduce((path, point, index) => {
    const from = run[index]!;
    const third = (point.x - from.x) / 3;
    const c1 = `${round(from.x + third)} ${round(from.y + tangents[index]! * third)}`;
    const c2 = `${round(point.x - third)} ${round(point.y - tangents[index + 1]! * third)}`;
    return `${path}C${c1} ${c2} ${round(point.x)} ${round(point.y)}`;
  }, start);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
