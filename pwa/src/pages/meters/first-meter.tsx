import { Show } from "solid-js";
import { Icon } from "../../components/icon.tsx";
import { EmptyNote } from "../../components/note.tsx";
import { t } from "../../i18n/text.ts";
import { to } from "../../router.ts";
import { can } from "../../state/session.ts";
import page from "../page.module.css";

/** A home without a meter: the way to the first one, for who may add it. */
export function FirstMeter() {
  return (
    <div class={page.page}>
      <EmptyNote title={t("home.empty")} hint={t(can("meters.manage") ? "home.emptyHint" : "home.emptyFor")}>
        <Show when={can("meters.manage")}>
          <a class={page.action} href={to("/devices/add")}>
            <Icon name="plus" size={20} />
            {t("meters.add")}
          </a>
        </Show>
      </EmptyNote>
    </div>
  );
}
