import { EmptyNote } from "../components/note.tsx";
import { t } from "../i18n/text.ts";
import styles from "./page.module.css";

export function NotFoundPage() {
  return (
    <EmptyNote title={t("notFound.title")} hint={t("notFound.hint")}>
      <a class={styles.action} href="/">
        {t("notFound.back")}
      </a>
    </EmptyNote>
  );
}
