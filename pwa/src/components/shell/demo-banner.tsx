import { t } from "../../i18n/text.ts";
import { to } from "../../router.ts";
import styles from "./demo-banner.module.css";

/** That nobody owns this demo yet, and how to change that. */
export function DemoBanner() {
  return (
    <aside class={styles.banner}>
      <span>{t("demo.banner")}</span>
      <a href={to("/claim")}>{t("demo.claim")}</a>
    </aside>
  );
}
