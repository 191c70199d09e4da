import { createEffect, createSignal, on, onCleanup, onMount } from "solid-js";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { axisPower, joined, power } from "../format/quantity.ts";
import { clock } from "../format/time.ts";
import { t } from "../i18n/text.ts";
import { language, theme } from "../state/settings.ts";
import type { Columns } from "./columns.ts";
import styles from "./power-chart.module.css";

export interface PowerChartProps {
  columns: Columns;
  fromMs: number;
  toMs: number;
  timeZone: string;
  /** Draws in the sun's colour what is produced. */
  role: "import" | "solar";
  /** The chart in words. */
  label: string;
}

// Without 2.5, whose steps would need a digit more than the labels have.
const STEPS_W = [1, 10, 100, 1_000, 10_000, 100_000].flatMap((step) => [step, 2 * step, 5 * step]);

/** Power over a day: the mean as a line within the band from the lowest to the highest. */
export default function PowerChart(props: PowerChartProps) {
  const [cursor, setCursor] = createSignal<number | null>(null);
  let holder!: HTMLDivElement;
  let plot: uPlot | null = null;
  let colours = readColours();

  function readColours() {
    const probe = document.createElement("span");
    document.body.append(probe);
    const read = (colour: string) => {
      probe.style.color = colour;
      return getComputedStyle(probe).color;
    };
    const found = {
      line: read(`var(--${props.role})`),
      band: read(`color-mix(in srgb, var(--${props.role}) 24%, transparent)`),
      soldLine: read("var(--export)"),
      soldBand: read("color-mix(in srgb, var(--export) 24%, transparent)"),
      ink: read("var(--ink-soft)"),
      rule: read("var(--line)"),
      font: getComputedStyle(document.body).fontFamily,
    };
    probe.remove();
    return found;
  }

  const data = (columns: Columns): uPlot.AlignedData => [columns.timeS, columns.mean, columns.min, columns.max];

  function build(): void {
    plot?.destroy();
    const hidden = { label: "", width: 0, points: { show: false } };
    const remPx = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
    const axis = {
      stroke: () => colours.ink,
      grid: { stroke: () => colours.rule, width: 1 },
      ticks: { show: false },
      font: `${0.75 * remPx}px ${colours.font}`,
    };
    plot = new uPlot(
      {
        width: holder.clientWidth,
        height: holder.clientHeight,
        legend: { show: false },
        padding: [0.75 * remPx, 1.5 * remPx, 0, 0],
        cursor: { y: false, points: { size: 9, fill: () => colours.line }, drag: { x: false, y: false } },
        scales: {
          x: { time: true, range: () => [props.fromMs / 1000, props.toMs / 1000] },
          y: { range: (_plot, lowest, highest) => [Math.min(0, lowest), Math.max(20, highest * 1.08)] },
        },
        tzDate: (timeS) => uPlot.tzDate(new Date(timeS * 1000), props.timeZone),
        axes: [
          {
            ...axis,
            size: 1.75 * remPx,
            space: 4 * remPx,
            grid: { show: false },
            // The first would stand under the lowest power; that the day starts at midnight needs no word.
            values: (_plot, splits) =>
              splits.map((timeS) => (timeS * 1000 > props.fromMs ? clock(timeS * 1000, props.timeZone) : "")),
          },
          {
            ...axis,
            size: 3.6 * remPx,
            space: 2.2 * remPx,
            incrs: STEPS_W,
            values: (_plot, splits) => {
              const highestW = Math.max(...splits.map(Math.abs));
              return splits.map((powerW) => axisPower(powerW, highestW));
            },
          },
        ],
        series: [
          {},
          {
            stroke: (drawn) => splitAtZero(drawn, colours.line, colours.soldLine),
            width: 2,
            points: { show: false },
            spanGaps: false,
          },
          { ...hidden, spanGaps: false },
          { ...hidden, spanGaps: false },
        ],
        bands: [{ series: [3, 2], fill: (drawn) => splitAtZero(drawn, colours.band, colours.soldBand) }],
        hooks: { setCursor: [(drawn) => setCursor(drawn.cursor.idx ?? null)] },
      },
      data(props.columns),
      holder,
    );
  }

  function follow(event: PointerEvent): void {
    if (!plot || event.pointerType === "mouse") return;
    const box = plot.over.getBoundingClientRect();
    const left = Math.max(0, Math.min(box.width, event.clientX - box.left));
    plot.setCursor({ left, top: box.height / 2 });
  }

  onMount(() => {
    build();
    const observer = new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = holder;
      if (plot && (width !== plot.width || height !== plot.height)) plot.setSize({ width, height });
    });
    observer.observe(holder);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const recolour = () => {
      colours = readColours();
      plot?.redraw();
    };
    dark.addEventListener("change", recolour);
    createEffect(on([theme, language], recolour, { defer: true }));
    createEffect(
      on(
        () => [props.role, props.fromMs, props.timeZone],
        () => {
          colours = readColours();
          build();
        },
        { defer: true },
      ),
    );
    createEffect(
      on(
        () => props.columns,
        (columns) => plot?.setData(data(columns)),
        { defer: true },
      ),
    );
    onCleanup(() => {
      observer.disconnect();
      dark.removeEventListener("change", recolour);
      plot?.destroy();
    });
  });

  const readout = () => {
    const index = cursor();
    const mean = index === null ? null : props.columns.mean[index];
    if (index === null || mean === null || mean === undefined) return null;
    return {
      time: clock((props.columns.timeS[index] ?? 0) * 1000, props.timeZone),
      mean: joined(power(mean)),
      range: `${joined(power(props.columns.min[index] ?? mean))} – ${joined(power(props.columns.max[index] ?? mean))}`,
    };
  };

  return (
    <figure class={styles.chart} style={{ "--series": `var(--${props.role})` }}>
      <figcaption class={styles.readout}>
        {readout() ? (
          <>
            <strong>{readout()?.time}</strong>
            <span>{readout()?.mean}</span>
            <span>{readout()?.range}</span>
          </>
        ) : (
          <>
            <span class={styles.line}>{t("meter.mean")}</span>
            <span class={styles.band}>{t("meter.range")}</span>
          </>
        )}
      </figcaption>
      <div
        ref={holder}
        class={styles.canvas}
        role="img"
        aria-label={props.label}
        onPointerDown={follow}
        onPointerMove={follow}
      />
    </figure>
  );
}

/** One colour above zero, another below: what is taken and what is given back. */
function splitAtZero(plot: uPlot, above: string, below: string): CanvasGradient | string {
  const { top, height } = plot.bbox;
  const zero = (plot.valToPos(0, "y", true) - top) / height;
  if (!(zero < 1)) return above;
  const gradient = plot.ctx.createLinearGradient(0, top, 0, top + height);
  const stop = Math.max(0, zero);
  gradient.addColorStop(0, above);
  gradient.addColorStop(stop, above);
  gradient.addColorStop(stop, below);
  gradient.addColorStop(1, below);
  return gradient;
}
