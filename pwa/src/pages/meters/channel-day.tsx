import { createEffect, createMemo, createSignal, Show, Suspense } from "solid-js";
import type { Home } from "../../../../hub/src/api/contract.ts";
import { appendPoint, type LivePoint, spanMs, toColumns, withLive } from "../../charts/columns.ts";
import { PowerChart } from "../../charts/lazy-chart.tsx";
import { RequestNote } from "../../components/note.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { t } from "../../i18n/text.ts";
import { createChannelDay, ofDay, settled } from "../../state/history.ts";
import { useLive } from "../../state/live.ts";
import type { LiveChannel } from "../../state/readings.ts";
import page from "../page.module.css";

const DAY_MS = 86_400_000;
/** An hour of readings each second: by then the hub has them all, and the last ones bridge to its answer. */
const MOST_POINTS = 3_600;
const KEPT_POINTS = 100;

/** A channel's power since midnight, going on as it is measured. */
export function ChannelDay(props: { channel: LiveChannel; home: Home }) {
  const live = useLive();
  const [history, { refetch }] = createChannelDay(() => ({
    channelId: props.channel.id,
    dayStartMs: props.home.dayStartMs,
    session: live.session(),
  }));
  const [points, setPoints] = createSignal<LivePoint[]>([]);
  createEffect(() => {
    const { powerTimeMs: timeMs, powerW } = props.channel;
    const { dayStartMs } = props.home;
    if (timeMs !== null && powerW !== null) setPoints((before) => appendPoint(before, { timeMs, powerW }, dayStartMs));
  });
  createEffect(() => {
    if (points().length < MOST_POINTS) return;
    setPoints((before) => before.slice(-KEPT_POINTS));
    void refetch();
  });
  const stored = createMemo(() => {
    const found = ofDay(settled(history), props.home.dayStartMs);
    return found ? { columns: toColumns(found), lengthMs: spanMs(found) } : null;
  });
  const columns = createMemo(() => {
    const found = stored();
    return found ? withLive(found.columns, points(), found.lengthMs) : null;
  });

  return (
    <section class={page.panel}>
      <h2 class={page.heading}>{t("meter.chart")}</h2>
      <Show
        when={!history.error}
        fallback={<RequestNote title={t("meter.chartFailed")} error={history.error} onRetry={refetch} />}
      >
        <Show when={columns()} fallback={<Skeleton height="18rem" />}>
          {(found) => (
            <Show when={found().timeS.length > 0} fallback={<p class={page.aside}>{t("meter.chartEmpty")}</p>}>
              <Suspense fallback={<Skeleton height="18rem" />}>
                <PowerChart
                  columns={found()}
                  fromMs={props.home.dayStartMs}
                  toMs={props.home.dayStartMs + DAY_MS}
                  timeZone={props.home.timeZone}
                  role={props.channel.role === "solar" ? "solar" : "import"}
                  label={t("meter.chart")}
                />
              </Suspense>
            </Show>
          )}
        </Show>
      </Show>
    </section>
  );
}
