import { createMemo, For, Show } from "solid-js";
import { type CurvePoint, curvePaths, type Frame, xOf, yOf } from "./path.ts";
import styles from "./sparkline.module.css";

export interface SparklineProps {
  points: CurvePoint[];
  fromMs: number;
  toMs: number;
  /** Times to mark along the foot. */
  marks: { timeMs: number; label: string }[];
  /** The point of now; null when the curve does not reach it. */
  now: { timeMs: number; powerW: number } | null;
  /** The curve in words. */
  label: string;
}

const WIDTH = 1000;
const HEIGHT = 200;

/** The day at a glance: light above the line is drawn from the grid, below it is sold. */
export function Sparkline(props: SparklineProps) {
  const frame = createMemo((): Frame => {
    const powers = props.points.map((point) => point.powerW ?? 0);
    const highW = Math.max(500, ...powers, props.now?.powerW ?? 0) * 1.06;
    const lowest = Math.min(0, ...powers, props.now?.powerW ?? 0);
    return {
      fromMs: props.fromMs,
      toMs: props.toMs,
      highW,
      lowW: lowest < 0 ? Math.min(lowest * 1.06, -highW * 0.12) : 0,
      width: WIDTH,
      height: HEIGHT,
    };
  });
  const paths = createMemo(() => curvePaths(props.points, frame()));
  const zero = () => (yOf(0, frame()) / HEIGHT) * 100;
  const left = (timeMs: number) => `${(xOf(timeMs, frame()) / WIDTH) * 100}%`;

  return (
    <div class={styles.curve}>
      <div class={styles.field}>
        <For each={props.marks}>{(mark) => <span class={styles.mark} style={{ left: left(mark.timeMs) }} />}</For>
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={props.label}>
          <defs>
            <linearGradient id="curve-fill" gradientUnits="userSpaceOnUse" x1="0" x2="0" y1="0" y2={HEIGHT}>
              <stop offset="0" class={styles.fillHigh} />
              <stop offset={`${zero()}%`} class={styles.fillLow} />
              <stop offset={`${zero()}%`} class={styles.fillSold} />
              <stop offset="1" class={styles.fillSoldDeep} />
            </linearGradient>
            <linearGradient id="curve-line" gradientUnits="userSpaceOnUse" x1="0" x2="0" y1="0" y2={HEIGHT}>
              <stop offset={`${zero()}%`} class={styles.lineTaken} />
              <stop offset={`${zero()}%`} class={styles.lineSold} />
            </linearGradient>
          </defs>
          <path class={styles.area} d={paths().area} />
          <path class={styles.line} d={paths().line} />
        </svg>
        <span class={styles.zero} style={{ top: `${zero()}%` }} />
        <Show when={props.now}>
          {(now) => (
            <span
              class={styles.now}
              classList={{ [styles.nowSold!]: now().powerW < 0 }}
              style={{ left: left(now().timeMs), top: `${(yOf(now().powerW, frame()) / HEIGHT) * 100}%` }}
            />
          )}
        </Show>
      </div>
      <div class={styles.foot} aria-hidden="true">
        <For each={props.marks}>{(mark) => <span style={{ left: left(mark.timeMs) }}>{mark.label}</span>}</For>
      </div>
    </div>
  );
}
