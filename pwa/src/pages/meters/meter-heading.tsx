import { AvailabilityWord } from "../../components/availability-word.tsx";
import { guessIcon, Icon } from "../../components/icon.tsx";
import { RenameField } from "../../components/rename-field.tsx";
import { t } from "../../i18n/text.ts";
import { to } from "../../router.ts";
import { patchJson } from "../../state/api.ts";
import { useLive } from "../../state/live.ts";
import type { LiveMeter } from "../../state/readings.ts";
import { can } from "../../state/session.ts";
import { mainChannel } from "./grouping.ts";
import styles from "./meter-page.module.css";

/** The meter's name, which can be changed, and whether it is there. */
export function MeterHeading(props: { meter: LiveMeter }) {
  const live = useLive();
  const icon = () => guessIcon(mainChannel(props.meter)?.role ?? "appliance", props.meter.name, props.meter.id);
  // The new name comes back through the socket, to every open app alike.
  const rename = (name: string) => patchJson<void>(`/api/meters/${encodeURIComponent(props.meter.id)}`, { name });

  return (
    <header class={styles.heading}>
      <a class={styles.back} href={to("/meters")}>
        <Icon name="back" size={18} />
        {t("meter.back")}
      </a>
      <div class={styles.title}>
        <span class={styles.icon}>
          <Icon name={icon()} size={30} />
        </span>
        <div class={styles.names}>
          <RenameField name={props.meter.name} onSave={can("meters.manage") ? rename : null} />
          <AvailabilityWord availability={props.meter.availability} seenAgeMs={live.ageMs(props.meter.lastSeenMs)} />
        </div>
      </div>
    </header>
  );
}
