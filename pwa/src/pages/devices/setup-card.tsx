import { For, Show } from "solid-js";
import type { SetupCard as Card } from "../../../../hub/src/api/contract.ts";
import { CopyBlock, CopyLine } from "../../components/copy-line.tsx";
import { Icon } from "../../components/icon.tsx";
import { QrCode } from "../../components/qr-code.tsx";
import { isKey, t } from "../../i18n/text.ts";
import styles from "./devices.module.css";
import { kindOf } from "./kinds.ts";

/** What to type into the device, with its credential filled in. Its password is shown this once. */
export function SetupCard(props: { card: Card }) {
  // A shell's command is for makers; a device with a form is set up in its form.
  const isPasted = () => props.card.snippet !== null && props.card.snippet.language !== "shell";
  return (
    <section class={styles.card} data-testid="setup-card">
      <p class={styles.how}>{t(`setup.${kindOf(props.card.dialect).dialect}`)}</p>
      <Show when={isPasted()} fallback={<Fields card={props.card} />}>
        <Snippet card={props.card} label={t("setup.snippet")} />
      </Show>
      <p class={styles.once}>
        <Icon name="key" size={18} />
        {t("setup.once")}
      </p>
      <Show when={props.card.snippet}>
        {(snippet) => (
          <>
            <details class={styles.fold}>
              <summary>{t(isPasted() ? "setup.byHand" : "setup.command")}</summary>
              <Show when={isPasted()} fallback={<Snippet card={props.card} label={t("setup.command")} />}>
                <Fields card={props.card} />
              </Show>
            </details>
            <details class={styles.fold}>
              <summary>{t("setup.qr")}</summary>
              <div class={styles.qr}>
                <QrCode text={snippet().text} label={t("setup.qrLabel")} />
                <p>{t("setup.qrHint")}</p>
              </div>
            </details>
          </>
        )}
      </Show>
    </section>
  );
}

function Snippet(props: { card: Card; label: string }) {
  return <CopyBlock text={props.card.snippet?.text ?? ""} label={props.label} />;
}

function Fields(props: { card: Card }) {
  return (
    <dl class={styles.fields}>
      <For each={props.card.values}>
        {({ field, value }) => (
          <div>
            <dt>{fieldName(field)}</dt>
            <dd data-field={field}>
              <CopyLine text={value} />
            </dd>
          </div>
        )}
      </For>
    </dl>
  );
}

function fieldName(field: string): string {
  const key = `setup.field.${field}`;
  return isKey(key) ? t(key) : field;
}
