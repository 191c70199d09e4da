import { ErrorNote } from "../components/note.tsx";
import { t } from "../i18n/text.ts";
import { readDoor } from "../state/session.ts";
import styles from "./unreachable.module.css";

/** Nothing is known of the hub yet, and it does not answer; it is asked again all the while. */
export function Unreachable() {
  return (
    <main id="main" class={styles.page} tabindex="-1">
      <ErrorNote message={t("error.unreachable")} hint={t("error.unreachableHint")} onRetry={() => void readDoor()} />
    </main>
  );
}
