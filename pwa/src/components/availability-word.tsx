import type { Meter } from "../../../hub/src/api/contract.ts";
import { ago } from "../format/time.ts";
import { t } from "../i18n/text.ts";
import styles from "./availability-word.module.css";

export interface AvailabilityWordProps {
  availability: Meter["availability"];
  /** Since the meter was last heard. */
  seenAgeMs: number;
}

/** Whether a meter is there: a dot and the word for it, and when it was last heard. */
export function AvailabilityWord(props: AvailabilityWordProps) {
  return (
    <span class={styles.status}>
      <span class={styles.word} data-availability={props.availability}>
        <span class={styles.dot} />
        {t(`meters.${props.availability}`)}
      </span>
      <span>{t("meters.seen", { age: ago(props.seenAgeMs) })}</span>
    </span>
  );
}
