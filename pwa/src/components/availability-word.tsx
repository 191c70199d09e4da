import type { Meter } from "../../../hub/src/api/contract.ts";
import { t } from "../i18n/text.ts";
import styles from "./availability-word.module.css";

/** Whether a meter is there: a dot and the word for it. */
export function AvailabilityWord(props: { availability: Meter["availability"] }) {
  return (
    <span class={styles.word} data-availability={props.availability}>
      <span class={styles.dot} />
      {t(`meters.${props.availability}`)}
    </span>
  );
}
