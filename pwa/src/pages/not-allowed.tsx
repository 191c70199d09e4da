import { EmptyNote } from "../components/note.tsx";
import { t } from "../i18n/text.ts";
import { to } from "../router.ts";
import { can } from "../state/session.ts";
import page from "./page.module.css";

/** A page that the person's role does not include. */
export function NotAllowed() {
  return (
    <EmptyNote title={t("allowed.title")} hint={t("allowed.hint")}>
      <a class={page.action} href={to(can("home.view") ? "/" : "/meters")}>
        {t(can("home.view") ? "notFound.back" : "meter.back")}
      </a>
    </EmptyNote>
  );
}
