import { type JSX, Show } from "solid-js";
import type { Home } from "../../../../hub/src/api/contract.ts";
import { energy, joined, money } from "../../format/quantity.ts";
import { day } from "../../format/time.ts";
import { t } from "../../i18n/text.ts";
import styles from "./ledger.module.css";

/** How the day and the month stand, in units and in money. */
export function Ledger(props: { home: Home }) {
  const currency = () => props.home.currency;
  const hasSolar = () => props.home.now.solarW !== null || props.home.todaySolarWh > 0;
  return (
    <dl class={styles.ledger} classList={{ [styles.four!]: hasSolar() }}>
      <Entry
        label={t("now.today")}
        testid="home-today"
        tone="import"
        value={energy(props.home.today.importWh).value}
        unit={energy(props.home.today.importWh).unit}
        note={money(props.home.today.cost, currency())}
      />
      <Entry
        label={t("now.month")}
        testid="home-month"
        tone="import"
        value={energy(props.home.month.importWh).value}
        unit={energy(props.home.month.importWh).unit}
        note={t("now.sinceMonthStart", { date: day(props.home.monthStartMs, props.home.timeZone) })}
      />
      <Entry
        label={t("now.cost")}
        testid="home-cost"
        tone="cost"
        value={money(props.home.month.cost, currency())}
        note={t("now.flatPrice", { price: money(props.home.pricePerKwh, currency(), true) })}
      />
      <Show when={hasSolar()}>
        <Entry
          label={t("now.solarToday")}
          testid="home-solar"
          tone="solar"
          value={energy(props.home.todaySolarWh).value}
          unit={energy(props.home.todaySolarWh).unit}
          note={t("now.soldToday", { energy: joined(energy(props.home.today.exportWh)) })}
        />
      </Show>
    </dl>
  );
}

function Entry(props: {
  label: string;
  testid: string;
  tone: "import" | "cost" | "solar";
  value: string;
  unit?: string;
  note: JSX.Element;
}) {
  return (
    <div class={styles.entry} data-tone={props.tone}>
      <dt>{props.label}</dt>
      <dd data-testid={props.testid}>
        <span class={styles.value}>
          {props.value}
          <Show when={props.unit}>
            {" "}
            <small>{props.unit}</small>
          </Show>
        </span>
        <span class={styles.note}>{props.note}</span>
      </dd>
    </div>
  );
}
