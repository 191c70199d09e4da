import { createMemo, For, Show } from "solid-js";
import type { LatestReading } from "../../../../hub/src/api/contract.ts";
import { joined, measured, register } from "../../format/quantity.ts";
import { named, t } from "../../i18n/text.ts";
import page from "../page.module.css";
import styles from "./meter-page.module.css";

const perPhase = [
  { quantity: "voltage", title: "meter.voltage" },
  { quantity: "current", title: "meter.current" },
  { quantity: "power_active", title: "meter.activePower" },
  { quantity: "power_factor", title: "meter.powerFactor" },
] as const;

interface Readings {
  readings: LatestReading[];
}

/** Voltage, current, power and power factor of each conductor; nothing for a meter that reports no phases. */
export function PhaseTable(props: Readings) {
  const phases = createMemo(() =>
    ["L1", "L2", "L3", "N"].filter((phase) => props.readings.some((reading) => inTable(reading, phase))),
  );
  const columns = createMemo(() =>
    perPhase.filter(({ quantity }) => props.readings.some((reading) => reading.phase && reading.quantity === quantity)),
  );
  const cell = (phase: string, quantity: string) => {
    const found = props.readings.find((reading) => reading.phase === phase && reading.quantity === quantity);
    return found ? joined(measured(found.value, found.unit)) : "–";
  };
  return (
    <Show when={phases().length > 0}>
      <section class={page.panel}>
        <h2 class={page.heading}>{t("meter.phases")}</h2>
        <div class={styles.scroll}>
          <table class={styles.phases} data-live>
            <thead>
              <tr>
                <th scope="col">{t("meter.phase")}</th>
                <For each={columns()}>{(column) => <th scope="col">{t(column.title)}</th>}</For>
              </tr>
            </thead>
            <tbody>
              <For each={phases()}>
                {(phase) => (
                  <tr>
                    <th scope="row">{phase}</th>
                    <For each={columns()}>{(column) => <td>{cell(phase, column.quantity)}</td>}</For>
                  </tr>
                )}
              </For>
            </tbody>
          </table>
        </div>
      </section>
    </Show>
  );
}

/** What is neither power, nor in the phase table, nor a counter. */
export function ReadingList(props: Readings) {
  const rows = () =>
    props.readings.filter(
      (reading) =>
        reading.period === null &&
        reading.direction === null &&
        !(reading.quantity === "power_active" && reading.phase === null) &&
        !(reading.phase !== null && inTable(reading, reading.phase)),
    );
  return (
    <Show when={rows().length > 0}>
      <section class={page.panel}>
        <h2 class={page.heading}>{t("meter.readings")}</h2>
        <dl class={styles.values} data-live>
          <For each={rows()}>
            {(reading) => (
              <div>
                <dt>{[named("quantity", reading.quantity), reading.phase].filter(Boolean).join(" ")}</dt>
                <dd>{joined(measured(reading.value, reading.unit))}</dd>
              </div>
            )}
          </For>
        </dl>
      </section>
    </Show>
  );
}

/** The meter's own counters, in kWh. */
export function RegisterList(props: Readings) {
  const rows = () => props.readings.filter((reading) => reading.period !== null || reading.direction !== null);
  const title = (reading: LatestReading) =>
    [
      reading.quantity === "energy_active" ? null : named("quantity", reading.quantity),
      reading.direction && named("direction", reading.direction),
      reading.period && named("period", reading.period),
      reading.phase,
    ]
      .filter(Boolean)
      .join(", ");
  return (
    <Show when={rows().length > 0}>
      <section class={page.panel}>
        <h2 class={page.heading}>
          {t("meter.registers")}
          <span class={page.aside}>{t("meter.registersHint")}</span>
        </h2>
        <dl class={styles.values} data-live>
          <For each={rows()}>
            {(reading) => (
              <div>
                <dt>{title(reading)}</dt>
                <dd>
                  {joined(reading.unit === "Wh" ? register(reading.value) : measured(reading.value, reading.unit))}
                </dd>
              </div>
            )}
          </For>
        </dl>
      </section>
    </Show>
  );
}

function inTable(reading: LatestReading, phase: string): boolean {
  return reading.phase === phase && perPhase.some((column) => column.quantity === reading.quantity);
}
