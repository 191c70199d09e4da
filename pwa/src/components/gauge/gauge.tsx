import { createMemo, For, type JSX, Show } from "solid-js";
import { createSpring } from "../spring.ts";
import styles from "./gauge.module.css";
import { createOutline, house } from "./outline.ts";
import { scaleMarks, shareOfScale } from "./scale.ts";

export interface GaugeProps {
  /** What the home uses, W; null draws an unlit house. */
  usedW: number | null;
  /** What the sun gives, W; null draws no line for it. */
  solarW: number | null;
  /** The day's highest, W; null draws no tick. */
  peakW: number | null;
  /** The power at the end of the outline, W. */
  scaleW: number;
  endLabel: string;
  dimmed: boolean;
  /** Draws the readout; gets the power as it moves. */
  children: (shownW: () => number) => JSX.Element;
}

const wall = createOutline(house);
const sky = createOutline(house, 17);
// Both paths are given this length, so that dashes are in thousandths of the outline.
const WHOLE = 1000;
// Wide faint strokes on top of each other look like glow, and cost less to draw than a blur.
const haloWidths = [66, 62, 58, 54, 50, 46, 42, 38, 34, 30, 26, 22];

/** The house that fills with light: its outline is lit from the left foot over the gable as power rises. */
export function Gauge(props: GaugeProps) {
  const usedW = createSpring(() => props.usedW ?? 0);
  const solarW = createSpring(() => Math.max(0, props.solarW ?? 0));
  const scaleW = createSpring(() => props.scaleW, 6);

  const share = (powerW: number) => shareOfScale(powerW, scaleW());
  const used = createMemo(() => share(usedW()));
  const solar = createMemo(() => share(solarW()));
  const sunUsed = createMemo(() => Math.min(used(), solar()));
  const tip = createMemo(() => wall.at(used()));
  const lit = () => props.usedW !== null;

  const marks = createMemo(() =>
    scaleMarks(props.scaleW).map((powerW) => ({
      label: powerW / 1000,
      ...wall.at(shareOfScale(powerW, props.scaleW)),
    })),
  );

  return (
    <div class={styles.stage} data-dimmed={props.dimmed ? "" : undefined}>
      <div class={styles.glow} style={{ opacity: lit() ? 0.22 + 0.78 * Math.sqrt(used()) : 0 }} />
      <svg class={styles.house} viewBox="0 24 400 306" aria-hidden="true">
        <defs>
          <linearGradient id="load" gradientUnits="userSpaceOnUse" x1="48" x2="352" y1="0" y2="0">
            <stop offset="0" stop-color="var(--load-low)" />
            <stop offset="0.52" stop-color="var(--load-mid)" />
            <stop offset="1" stop-color="var(--load-high)" />
          </linearGradient>
        </defs>
        <path class={styles.track} d={wall.path} />
        <For each={marks()}>
          {(mark) => (
            <>
              <circle class={styles.mark} cx={mark.x - mark.outX * 16} cy={mark.y - mark.outY * 16} r="1.5" />
              <text class={styles.markLabel} x={mark.x - mark.outX * 29} y={mark.y - mark.outY * 29 + 3.5}>
                {mark.label}
              </text>
            </>
          )}
        </For>

        <Show when={lit()}>
          <For each={haloWidths}>
            {(width) => (
              <path
                class={styles.halo}
                classList={{ [styles.sunHalo!]: sunUsed() > used() / 2 }}
                d={wall.path}
                pathLength={WHOLE}
                stroke-width={width}
                stroke-dasharray={dash(used())}
              />
            )}
          </For>
          <path class={styles.light} d={wall.path} pathLength={WHOLE} stroke-dasharray={dash(used())} />
          <Show when={props.solarW !== null}>
            <path
              class={styles.sunlit}
              classList={{ [styles.none!]: sunUsed() < 0.004 }}
              d={wall.path}
              pathLength={WHOLE}
              stroke-dasharray={dash(sunUsed())}
            />
            <path class={styles.skyTrack} d={sky.path} />
            <path
              class={styles.sky}
              classList={{ [styles.none!]: solar() < 0.004 }}
              d={sky.path}
              pathLength={WHOLE}
              stroke-dasharray={dash(solar())}
            />
            <path
              class={styles.sold}
              classList={{ [styles.none!]: solar() - used() < 0.006 }}
              d={sky.path}
              pathLength={WHOLE}
              stroke-dasharray={dash(solar() - used())}
              stroke-dashoffset={-used() * WHOLE}
            />
          </Show>
          <circle class={styles.tip} r="4.5" transform={`translate(${tip().x} ${tip().y})`} />
        </Show>

        <Show when={props.peakW}>
          {(peakW) => {
            const point = () => wall.at(share(peakW()));
            return (
              <line
                class={styles.peak}
                x1={point().x + point().outX * 11}
                y1={point().y + point().outY * 11}
                x2={point().x + point().outX * 21}
                y2={point().y + point().outY * 21}
              />
            );
          }}
        </Show>
        <text class={styles.end} x="48" y="325">
          0
        </text>
        <text class={styles.end} x="352" y="325">
          {props.endLabel}
        </text>
      </svg>
      <div class={styles.readout}>{props.children(usedW)}</div>
    </div>
  );
}

function dash(share: number): string {
  return `${Math.max(0, share) * WHOLE} ${2 * WHOLE}`;
}
