import { createMemo, For, Match, Switch } from "solid-js";
import type { Device } from "../../../../hub/src/api/contract.ts";
import buttons from "../../components/buttons.module.css";
import { Icon } from "../../components/icon.tsx";
import { joined, power } from "../../format/quantity.ts";
import { t } from "../../i18n/text.ts";
import { to } from "../../router.ts";
import { useLive } from "../../state/live.ts";
import { meterPowerW } from "../meters/grouping.ts";
import styles from "./arrival-card.module.css";
import { arrivalOf } from "./kinds.ts";

/** A new device on its way: awaited, connected, and then its first meter. */
export function ArrivalCard(props: { device: Device | undefined; isLost: boolean }) {
  const arrival = createMemo(() => arrivalOf(props.device));
  return (
    <section class={styles.card} aria-live="polite" data-testid="arrival" data-arrival={arrival()}>
      <Switch>
        <Match when={arrival() === "here"}>
          <span class={styles.lamp} data-lit="true">
            <Icon name="check" size={34} />
          </span>
          <h2>{t("setup.here")}</h2>
          <ul class={styles.meters}>
            <For each={props.device?.meters}>{(id) => <MeterLink id={id} />}</For>
          </ul>
          <div class={styles.actions}>
            <a class={buttons.primary} href={to("/")}>
              {t("setup.done")}
            </a>
            <a class={buttons.quiet} href={to("/devices/add")}>
              {t("add.again")}
            </a>
          </div>
        </Match>
        <Match when={arrival() === "connected"}>
          <span class={styles.lamp} data-lit="half">
            <Icon name="plug" size={34} />
          </span>
          <div>
            <h2>{t("setup.connected")}</h2>
            <p>{t("setup.connectedHint")}</p>
          </div>
        </Match>
        <Match when={arrival() === "waiting"}>
          <span class={styles.lamp} data-waits="true">
            <Icon name="radar" size={34} />
          </span>
          <div>
            <h2>{t("setup.waiting")}</h2>
            <p>{t(props.isLost ? "setup.offline" : "setup.waitingHint")}</p>
          </div>
        </Match>
      </Switch>
    </section>
  );
}

function MeterLink(props: { id: string }) {
  const live = useLive();
  const meter = () => live.state.meters[props.id];
  const shown = () => {
    const known = meter();
    const powerW = known ? meterPowerW(known) : null;
    return powerW === null ? "" : joined(power(powerW));
  };
  return (
    <li>
      <a class={styles.meter} href={to(`/meters/${encodeURIComponent(props.id)}`)} data-testid="arrived-meter">
        <span>{meter()?.name ?? props.id}</span>
        <strong>{shown()}</strong>
        <span class={styles.see}>
          {t("setup.see")}
          <Icon name="next" size={16} />
        </span>
      </a>
    </li>
  );
}
