import { createSignal, For, Show } from "solid-js";
import type { SignedIn } from "../../../../hub/src/api/contract.ts";
import buttons from "../../components/buttons.module.css";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import form from "../../components/form/form.module.css";
import { Icon } from "../../components/icon.tsx";
import { ago } from "../../format/time.ts";
import { t } from "../../i18n/text.ts";
import { createAction } from "../../state/action.ts";
import { deleteJson, getJson } from "../../state/api.ts";
import { useLive } from "../../state/live.ts";
import { createRemote } from "../../state/remote.ts";
import { signOutEverywhere } from "../../state/session.ts";
import { Loaded } from "../loaded.tsx";
import { SectionHead } from "./section-head.tsx";
import styles from "./settings.module.css";

/** Everywhere the person is signed in, and how to end it. */
export default function SignedInSection() {
  const live = useLive();
  const list = createRemote(() => getJson<SignedIn[]>("/api/me/sessions"));
  const [isAsking, setAsking] = createSignal(false);
  const end = createAction(async (id: string) => {
    await deleteJson(`/api/me/sessions/${encodeURIComponent(id)}`);
    await list.reload();
  });
  return (
    <>
      <SectionHead title={t("signedIn.title")} lead={t("signedIn.lead")} />
      <Loaded from={list} failed={t("signedIn.failed")}>
        {(sessions) => (
          <section class={styles.card}>
            <ul class={styles.items}>
              <For each={sessions()}>
                {(one) => (
                  <li class={styles.item}>
                    <Icon name="phone" size={26} />
                    <p class={styles.words}>
                      <strong>{one.device}</strong>
                      <Show when={one.isThis}>
                        <span class={styles.tag}>{t("signedIn.this")}</span>
                      </Show>
                      <small>
                        {one.address} · {t("signedIn.used", { age: ago(live.ageMs(one.lastUsedMs)) })}
                      </small>
                    </p>
                    <Show when={!one.isThis}>
                      <button
                        type="button"
                        class={buttons.plain}
                        disabled={end.busy()}
                        aria-label={t("signedIn.endOf", { device: one.device })}
                        onClick={() => void end.run(one.id)}
                      >
                        {t("signedIn.end")}
                      </button>
                    </Show>
                  </li>
                )}
              </For>
            </ul>
            <p class={form.problem} role="alert">
              {end.error()}
            </p>
          </section>
        )}
      </Loaded>
      <div>
        <button type="button" class={buttons.danger} onClick={() => setAsking(true)}>
          <Icon name="leave" size={20} />
          {t("signedIn.endAll")}
        </button>
      </div>
      <Show when={isAsking()}>
        <ConfirmDialog
          title={t("signedIn.endAllTitle")}
          text={t("signedIn.endAllText")}
          confirm={t("signedIn.endAll")}
          isDangerous
          onConfirm={signOutEverywhere}
          onClose={() => setAsking(false)}
        />
      </Show>
    </>
  );
}
