import { Show } from "solid-js";
import type { Device } from "../../../../hub/src/api/contract.ts";
import { ago, clock } from "../../format/time.ts";
import { t } from "../../i18n/text.ts";
import { useLive, useTimeZone } from "../../state/live.ts";
import styles from "./devices.module.css";
import { presenceOf } from "./kinds.ts";

/** Whether a device is connected: a dot, the word for it, and when it was last heard. */
export function PresenceWord(props: { device: Device }) {
  const live = useLive();
  const timeZone = useTimeZone();
  const more = () => {
    const { lastSeenMs, unusedUntilMs } = props.device;
    if (unusedUntilMs !== null) return t("devices.unused", { time: clock(unusedUntilMs, timeZone()) });
    return lastSeenMs === null ? "" : t("devices.seen", { age: ago(live.ageMs(lastSeenMs)) });
  };
  return (
    <span class={styles.presence} data-presence={presenceOf(props.device)}>
      <span>
        <i />
        {t(`devices.${presenceOf(props.device)}`)}
      </span>
      <Show when={more()}>{(words) => <span>{words()}</span>}</Show>
    </span>
  );
}
