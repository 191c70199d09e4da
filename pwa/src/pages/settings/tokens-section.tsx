import { createSignal, For, Show } from "solid-js";
import type { ApiToken, NewApiToken, Scope } from "../../../../hub/src/api/contract.ts";
import buttons from "../../components/buttons.module.css";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { CopyLine } from "../../components/copy-line.tsx";
import { Icon } from "../../components/icon.tsx";
import { ago, fullDate } from "../../format/time.ts";
import { t } from "../../i18n/text.ts";
import { addressOf, deleteJson, getJson } from "../../state/api.ts";
import { useLive, useTimeZone } from "../../state/live.ts";
import { createRemote } from "../../state/remote.ts";
import { focusSoon } from "../focus-soon.ts";
import { Loaded } from "../loaded.tsx";
import { NewToken } from "./new-token.tsx";
import { SectionHead } from "./section-head.tsx";
import styles from "./settings.module.css";

/** Tokens for programs of the person's own. */
export default function TokensSection() {
  const tokens = createRemote(() => getJson<ApiToken[]>("/api/me/tokens"));
  const [fresh, setFresh] = createSignal<NewApiToken | null>(null);
  const [leaving, setLeaving] = createSignal<ApiToken | null>(null);
  async function remove(token: ApiToken): Promise<void> {
    await deleteJson(`/api/me/tokens/${encodeURIComponent(token.id)}`);
    await tokens.reload();
  }
  return (
    <>
      <SectionHead title={t("tokens.title")} lead={t("tokens.lead")}>
        <a class={buttons.plain} href={addressOf("/api/docs")} target="_blank" rel="noopener">
          {t("tokens.docs")}
        </a>
      </SectionHead>
      <section class={styles.card} aria-live="polite">
        <Show
          when={fresh()}
          fallback={
            <NewToken
              onMade={(made) => {
                setFresh(made);
                void tokens.reload();
              }}
            />
          }
        >
          {(made) => (
            <div ref={focusSoon} class={styles.made} tabindex="-1">
              <h2>{t("tokens.ready")}</h2>
              <p>{t("tokens.readyHint")}</p>
              <CopyLine text={made().token} />
              <div>
                <button type="button" class={buttons.primary} onClick={() => setFresh(null)}>
                  {t("tokens.done")}
                </button>
              </div>
            </div>
          )}
        </Show>
      </section>
      <Loaded from={tokens} failed={t("tokens.failed")} height="6rem">
        {(all) => (
          <section class={styles.card}>
            <ul class={styles.items}>
              <For each={all()} fallback={<li class={styles.words}>{t("tokens.empty")}</li>}>
                {(token) => <TokenRow token={token} onRemove={() => setLeaving(token)} />}
              </For>
            </ul>
          </section>
        )}
      </Loaded>
      <Show when={leaving()} keyed>
        {(token) => (
          <ConfirmDialog
            title={t("tokens.removeTitle", { name: token.name })}
            text={t("tokens.removeText")}
            confirm={t("tokens.remove")}
            isDangerous
            onConfirm={() => remove(token)}
            onClose={() => setLeaving(null)}
          />
        )}
      </Show>
    </>
  );
}

function TokenRow(props: { token: ApiToken; onRemove: () => void }) {
  const live = useLive();
  const timeZone = useTimeZone();
  const scopes = () => props.token.scopes.map((scope: Scope) => t(`tokens.scope.${scope}`)).join(", ");
  const used = () => {
    const { lastUsedMs } = props.token;
    return lastUsedMs === null ? t("tokens.unused") : t("tokens.used", { age: ago(live.ageMs(lastUsedMs)) });
  };
  const until = () => {
    const { expiresMs } = props.token;
    return expiresMs === null ? t("tokens.forever") : t("tokens.until", { date: fullDate(expiresMs, timeZone()) });
  };
  return (
    <li class={styles.item}>
      <Icon name="key" />
      <p class={styles.words}>
        <strong>{props.token.name}</strong>
        <small>
          {scopes()} · {used()} · {until()}
        </small>
      </p>
      <button
        type="button"
        class={buttons.round}
        aria-label={t("tokens.removeOf", { name: props.token.name })}
        onClick={() => props.onRemove()}
      >
        <Icon name="trash" size={20} />
      </button>
    </li>
  );
}
