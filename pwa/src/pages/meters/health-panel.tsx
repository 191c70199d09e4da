import { type JSX, Show } from "solid-js";
import { count } from "../../format/quantity.ts";
import { ago, duration, fullDate } from "../../format/time.ts";
import { type Key, t } from "../../i18n/text.ts";
import { useLive, useTimeZone } from "../../state/live.ts";
import type { LiveMeter } from "../../state/readings.ts";
import page from "../page.module.css";
import styles from "./meter-page.module.css";
import list from "./meters.module.css";

/** How the meter itself fares, for whoever looks after it. */
export function HealthPanel(props: { meter: LiveMeter }) {
  const live = useLive();
  const zone = useTimeZone();
  return (
    <section class={page.panel}>
      <h2 class={page.heading}>{t("meter.health")}</h2>
      <dl class={styles.values}>
        <Fact title="meter.lastSeen">{ago(live.ageMs(props.meter.lastSeenMs))}</Fact>
        <Fact title="meter.firstSeen">{fullDate(props.meter.firstSeenMs, zone())}</Fact>
        <Show when={props.meter.signalDbm}>
          {(signalDbm) => (
            <Fact title="meter.signal">
              {t(signalWord(signalDbm()))} · {count(signalDbm())} dBm
            </Fact>
          )}
        </Show>
        <Show when={(props.meter.uptimeS ?? 0) > 60 ? props.meter.uptimeS : null}>
          {(uptimeS) => <Fact title="meter.uptime">{duration(uptimeS() * 1000)}</Fact>}
        </Show>
        <Show when={props.meter.model}>
          <Fact title="meter.model">{props.meter.model}</Fact>
        </Show>
        <Show when={props.meter.firmware}>
          <Fact title="meter.firmware">{props.meter.firmware}</Fact>
        </Show>
        <Fact title="meter.dialect">{props.meter.dialect === "customer" ? "Faiban" : props.meter.dialect}</Fact>
        <Fact title="meter.nativeId">{props.meter.nativeId}</Fact>
        <Fact title="meter.rejections">
          {props.meter.rejectedCount > 0 ? count(props.meter.rejectedCount) : t("meter.rejectionNone")}
        </Fact>
      </dl>
      <Show when={props.meter.lastRejection}>
        {(rejection) => (
          <div class={styles.rejection}>
            <p>{t("meter.rejectionLast", { age: ago(live.ageMs(rejection().timeMs)), reason: rejection().reason })}</p>
            <code>{rejection().topic}</code>
            <pre class={list.payload}>{rejection().payload}</pre>
          </div>
        )}
      </Show>
    </section>
  );
}

function Fact(props: { title: Key; children: JSX.Element }) {
  return (
    <div>
      <dt>{t(props.title)}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

// Usual bounds for Wi-Fi: a plug drops packets below about -75 dBm.
function signalWord(signalDbm: number): Key {
  if (signalDbm >= -60) return "meter.signalStrong";
  return signalDbm >= -75 ? "meter.signalFair" : "meter.signalWeak";
}
