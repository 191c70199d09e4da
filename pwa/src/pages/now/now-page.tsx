import { createEffect, createMemo, createSignal, Show } from "solid-js";
import type { Home } from "../../../../hub/src/api/contract.ts";
import { t } from "../../i18n/text.ts";
import { createHomeDay, ofDay, settled } from "../../state/history.ts";
import { useLive } from "../../state/live.ts";
import { FirstMeter } from "../meters/first-meter.tsx";
import { WithHome } from "../with-home.tsx";
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
    <WithHome outline={<NowSkeleton />}>
      {(home) => (
        <Show when={Object.keys(live.state.meters).length > 0} fallback={<FirstMeter />}>
          <NowOf home={home()} />
        </Show>
      )}
    </WithHome>
  );
}

function NowOf(props: { home: Home }) {
  const live = useLive();
  const [history, { refetch }] = createHomeDay(() => ({
    dayStartMs: props.home.dayStartMs,
    session: live.session(),
  }));
  const [minutes, setMinutes] = createSignal<LiveMinute[]>([]);
  createEffect(() => {
    const { timeMs, gridW: powerW } = props.home.now;
    const { dayStartMs } = props.home;
    if (timeMs !== null && powerW !== null) setMinutes((before) => addLive(before, { timeMs, powerW }, dayStartMs));
  });

  const nowMs = () => props.home.now.timeMs ?? props.home.dayStartMs;
  const stored = createMemo(() => ofDay(settled(history), props.home.dayStartMs));
  const points = createMemo(() => dayPoints(stored(), minutes(), nowMs()));
  const peak = createMemo(() => dayPeak(stored(), minutes()));

  return (
    <div class={styles.page}>
      <h1 class="visually-hidden">{t("now.title")}</h1>
      <div class={styles.moment}>
        <Hero now={props.home.now} peak={peak()} />
        <div class={styles.ledger} data-live>
          <Ledger home={props.home} />
        </div>
      </div>
      <div class={styles.day} data-live>
        <DayCurve
          home={props.home}
          points={points()}
          peak={peak()}
          fresh={live.freshness() === "fresh"}
          error={history.error}
          loading={history.loading}
          onRetry={refetch}
        />
        <OnNow restW={props.home.now.restW} />
      </div>
    </div>
  );
}
