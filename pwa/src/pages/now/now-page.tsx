import { createEffect, createMemo, createSignal, on, Show } from "solid-js";
import type { Home } from "../../../../hub/src/api/contract.ts";
import { ErrorNote } from "../../components/note.tsx";
import { t } from "../../i18n/text.ts";
import { createHomeDay, settled } from "../../state/history.ts";
import { useLive } from "../../state/live.ts";
import { FirstMeter } from "../meters/first-meter.tsx";
import { DayCurve } from "./day-curve.tsx";
import { addLive, dayPeak, dayPoints, type LiveMinute } from "./day-points.ts";
import { Hero } from "./hero.tsx";
import { Ledger } from "./ledger.tsx";
import styles from "./now-page.module.css";
import { NowSkeleton } from "./now-skeleton.tsx";
import { OnNow } from "./on-now.tsx";

/** What the home does at this moment, and how its day and month stand. */
export function NowPage() {
  const live = useLive();
  return (
    <Show
      when={live.state.home}
      fallback={
        <Show when={live.connection() === "offline"} fallback={<NowSkeleton />}>
          <ErrorNote message={t("error.unreachable")} hint={t("error.unreachableHint")} onRetry={live.retryNow} />
        </Show>
      }
    >
      {(home) => (
        <Show when={Object.keys(live.state.meters).length > 0} fallback={<FirstMeter />}>
          <NowOf home={home()} />
        </Show>
      )}
    </Show>
  );
}

function NowOf(props: { home: Home }) {
  const live = useLive();
  const [history, { refetch }] = createHomeDay(() => ({
    dayStartMs: props.home.dayStartMs,
    session: live.session(),
  }));
  const [minutes, setMinutes] = createSignal<LiveMinute[]>([]);
  createEffect(
    on(
      () => props.home.dayStartMs,
      () => setMinutes([]),
      { defer: true },
    ),
  );
  createEffect(() => {
    const { timeMs, gridW } = props.home.now;
    if (timeMs !== null && gridW !== null) setMinutes((before) => addLive(before, timeMs, gridW));
  });

  const nowMs = () => props.home.now.timeMs ?? props.home.dayStartMs;
  const points = createMemo(() => dayPoints(settled(history), minutes(), nowMs()));
  const peak = createMemo(() => dayPeak(settled(history), minutes()));

  return (
    <div class={styles.page}>
      <h1 class="visually-hidden">{t("now.title")}</h1>
      <div class={styles.hero}>
        <Hero now={props.home.now} peak={peak()} />
      </div>
      <div class={styles.curve} data-live>
        <DayCurve
          home={props.home}
          points={points()}
          peak={peak()}
          fresh={live.freshness() === "fresh"}
          error={history.error}
          loading={history.loading}
          onRetry={refetch}
        />
      </div>
      <div class={styles.ledger} data-live>
        <Ledger home={props.home} />
      </div>
      <div class={styles.devices} data-live>
        <OnNow restW={props.home.now.restW} />
      </div>
    </div>
  );
}
