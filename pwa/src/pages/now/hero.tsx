import { createMemo, Show } from "solid-js";
import type { Home } from "../../../../hub/src/api/contract.ts";
import { Gauge } from "../../components/gauge/gauge.tsx";
import { gaugeScale } from "../../components/gauge/scale.ts";
import { joined, percent, power } from "../../format/quantity.ts";
import { ago } from "../../format/time.ts";
import { t } from "../../i18n/text.ts";
import { currentPowerW, devicesThatUse, leastUsedW, OLD_READING_MS } from "../../state/devices.ts";
import { useLive } from "../../state/live.ts";
import type { Peak } from "./day-points.ts";
import { describeFlow } from "./flow.ts";
import styles from "./hero.module.css";

/** From here on, the number says when it was measured. */
const TELL_AGE_MS = 30_000;

/**
 * The home's power as light in a house, with what it means in words. The peak is of the grid's power, which is
 * what the house shows only without solar.
 */
export function Hero(props: { now: Home["now"]; peak: Peak | null }) {
  const live = useLive();
  const least = createMemo(() =>
    props.now.usedW === null
      ? leastUsedW(
          devicesThatUse(live.state).map((device) => ({
            role: device.channel.role,
            powerW: currentPowerW(device, live.ageMs),
          })),
        )
      : null,
  );
  const knownW = () => props.now.usedW ?? least();
  const ageMs = () => (props.now.timeMs === null || props.now.usedW === null ? 0 : live.ageMs(props.now.timeMs));
  const believable = () => live.freshness() !== "expired" && ageMs() <= OLD_READING_MS;
  const usedW = () => (believable() ? knownW() : null);
  const flow = createMemo(() => describeFlow(props.now, least()));

  const scaleW = createMemo<number>((before) => {
    const highest = Math.max(props.peak?.powerW ?? 0, knownW() ?? 0, props.now.solarW ?? 0);
    return gaugeScale(highest, before);
  }, 0);

  const words = () => t(flow().key, { share: percent(flow().solarShare), power: joined(power(flow().soldW)) });
  const lastKnown = () => t("now.lastKnown", { power: joined(power(knownW() ?? 0)), age: ago(ageMs()) });

  return (
    <section class={styles.hero}>
      <Gauge
        usedW={usedW()}
        solarW={believable() ? props.now.solarW : null}
        peakW={props.now.solarW === null ? (props.peak?.powerW ?? null) : null}
        scaleW={scaleW()}
        endLabel={`${scaleW() / 1000} kW`}
        dimmed={live.freshness() !== "fresh" || !believable()}
      >
        {(shownW) => (
          <>
            <p class={styles.label}>{t("now.using")}</p>
            <Show
              when={usedW() !== null}
              fallback={
                <p class={styles.number} data-testid="home-power">
                  <span class={styles.value}>–</span>
                </p>
              }
            >
              <p class={styles.number} data-testid="home-power" data-value={usedW()}>
                <span class={styles.value}>{power(shownW()).value}</span>{" "}
                <span class={styles.unit}>{power(shownW()).unit}</span>
              </p>
            </Show>
            <div class={styles.words}>
              <Show when={believable() || knownW() === null} fallback={<p class={styles.age}>{lastKnown()}</p>}>
                <p>{words()}</p>
                <Show when={ageMs() > TELL_AGE_MS || live.freshness() === "fading"}>
                  <p class={styles.age}>{t("now.measured", { age: ago(ageMs()) })}</p>
                </Show>
              </Show>
            </div>
          </>
        )}
      </Gauge>
      <Show when={props.now.solarW !== null && props.now.gridW !== null}>
        <Split now={props.now} hidden={!believable()} />
      </Show>
    </section>
  );
}

/** Sun against grid: one bar of what flows, its two parts named below. */
function Split(props: { now: Home["now"]; hidden: boolean }) {
  const solarW = () => Math.max(0, props.now.solarW ?? 0);
  const usedW = () => Math.max(0, props.now.usedW ?? 0);
  const gridW = () => props.now.gridW ?? 0;
  const sold = () => gridW() < 0;
  const share = () => {
    const whole = Math.max(usedW(), solarW());
    return whole > 0 ? Math.min(usedW(), solarW()) / whole : 0;
  };
  return (
    <div class={styles.split} classList={{ [styles.hidden!]: props.hidden }} data-live>
      <div class={styles.bar} classList={{ [styles.barSold!]: sold() }} aria-hidden="true">
        <span style={{ transform: `scaleX(${share()})` }} />
      </div>
      <dl>
        <div>
          <dt>
            <i class={styles.sunDot} />
            {t("now.solar")}
          </dt>
          <dd>{joined(power(solarW()))}</dd>
        </div>
        <div>
          <dt>
            <i class={sold() ? styles.soldDot : styles.gridDot} />
            {sold() ? t("now.exporting") : t("now.grid")}
          </dt>
          <dd>{joined(power(Math.abs(gridW())))}</dd>
        </div>
      </dl>
    </div>
  );
}
