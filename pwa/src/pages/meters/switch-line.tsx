import { createUniqueId } from "solid-js";
import { RelaySwitch } from "../../components/relay-switch.tsx";
import { t } from "../../i18n/text.ts";
import { deviceName } from "../../state/devices.ts";
import type { LiveChannel, LiveMeter } from "../../state/readings.ts";
import { createRelaySwitch } from "../../state/switching.ts";
import styles from "./meter-page.module.css";

/** The relay of a channel: how it stands, what has become of the last command, and the switch. */
export function SwitchLine(props: { meter: LiveMeter; channel: LiveChannel }) {
  const relay = createRelaySwitch(() => props);
  const id = createUniqueId();
  const news = () => {
    if (relay.isMoving()) return t("switch.sending");
    return relay.problem() ?? relay.locked() ?? t(relay.isConfirmed() ? "switch.confirmed" : "switch.reported");
  };
  return (
    <div class={styles.switch} data-live>
      <RelaySwitch
        label={t("switch.label", { name: deviceName(props) })}
        isOn={relay.isOn()}
        isMoving={relay.isMoving()}
        locked={relay.locked()}
        describedBy={id}
        onPress={relay.press}
      />
      <div>
        <p class={styles.relay}>{t(relay.isOn() ? "meter.relayOn" : "meter.relayOff")}</p>
        <p id={id} class={styles.news} role="status" data-problem={relay.problem() === null ? undefined : ""}>
          {news()}
        </p>
      </div>
    </div>
  );
}
