import { EmptyNote } from "../components/note.tsx";
import { t } from "../i18n/text.ts";
import { to } from "../router.ts";
import styles from "./page.module.css";

export function NotFoundPage() {
  return (
    <EmptyNote title={t("notFound.title")} hint={t("notFound.hint")}>
      <a class={styles.action} href={to("/")}>
        {t("notFound.back")}
      </a>
    </EmptyNote>
  );
}
