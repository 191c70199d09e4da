import { createMemo, Show } from "solid-js";
import type { Home } from "../../../../hub/src/api/contract.ts";
import { RequestNote } from "../../components/note.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import type { CurvePoint } from "../../components/sparkline/path.ts";
import { Sparkline } from "../../components/sparkline/sparkline.tsx";
import { joined, power } from "../../format/quantity.ts";
import { clock } from "../../format/time.ts";
import { t } from "../../i18n/text.ts";
import page from "../page.module.css";
import type { Peak } from "./day-points.ts";

const HOUR_MS = 3_600_000;

export interface DayCurveProps {
  home: Home;
  points: CurvePoint[];
  peak: Peak | null;
  /** Whether the newest point is of now. */
  fresh: boolean;
  error: unknown;
  loading: boolean;
  onRetry: () => void;
}

/** Today's power from the grid, midnight to midnight, with a dot at now. */
export function DayCurve(props: DayCurveProps) {
  const zone = () => props.home.timeZone;
  const solar = () => props.home.now.solarW !== null;
  const marks = createMemo(() =>
    [6, 12, 18].map((hour) => {
      const timeMs = props.home.dayStartMs + hour * HOUR_MS;
      return { timeMs, label: clock(timeMs, zone()) };
    }),
  );
  const peakWords = () => {
    const peak = props.peak;
    if (!peak) return "";
    return t("now.peak", { power: joined(power(peak.powerW)), time: clock(peak.timeMs, zone()) });
  };
  const label = () => {
    const peak = props.peak;
    if (!peak) return t("now.curveEmpty");
    return t("now.curveLabel", { power: joined(power(peak.powerW)), time: clock(peak.timeMs, zone()) });
  };
  const dot = () => {
    const { timeMs, gridW } = props.home.now;
    return !props.fresh || timeMs === null || gridW === null ? null : { timeMs, powerW: gridW };
  };

  return (
    <section class={page.section}>
      <h2 class={page.heading}>
        {t(solar() ? "now.curveGrid" : "now.curve")}
        <span class={page.aside}>{peakWords()}</span>
      </h2>
      <Show
        when={!props.error}
        fallback={<RequestNote title={t("now.curveFailed")} error={props.error} onRetry={props.onRetry} />}
      >
        <Show when={!props.loading || props.points.length > 1} fallback={<Skeleton height="8rem" />}>
          <Show when={props.points.length > 0} fallback={<p class={page.aside}>{t("now.curveEmpty")}</p>}>
            <Sparkline
              points={props.points}
              fromMs={props.home.dayStartMs}
              toMs={props.home.dayStartMs + 24 * HOUR_MS}
              marks={marks()}
              now={dot()}
              label={label()}
            />
          </Show>
        </Show>
      </Show>
    </section>
  );
}
