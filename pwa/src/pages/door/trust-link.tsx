import { Show } from "solid-js";
import { t } from "../../i18n/text.ts";
import { to } from "../../router.ts";
import { hub } from "../../state/session.ts";

/** The way to an encrypted connection, where this one is not and the hub has one. */
export function TrustLink() {
  return (
    <Show when={hub()?.httpsUrl && location.protocol === "http:"}>
      <a href={to("/trust")}>{t("door.trust")}</a>
    </Show>
  );
}
