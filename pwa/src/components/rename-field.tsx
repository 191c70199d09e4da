import { createSignal, createUniqueId, Show } from "solid-js";
import { t } from "../i18n/text.ts";
import { inWords } from "../state/api.ts";
import { Icon } from "./icon.tsx";
import styles from "./rename-field.module.css";

export interface RenameFieldProps {
  name: string;
  /** Saves the name; what it throws is shown in words. Null for who may not rename it. */
  onSave: ((name: string) => Promise<void>) | null;
}

/** A heading that can be rewritten in place. */
export function RenameField(props: RenameFieldProps) {
  const [editing, setEditing] = createSignal(false);
  const [saving, setSaving] = createSignal(false);
  const [error, setError] = createSignal<string | null>(null);
  const errorId = createUniqueId();
  let input!: HTMLInputElement;
  let pencil!: HTMLButtonElement;

  function start(): void {
    setError(null);
    setEditing(true);
    input.focus();
    input.select();
  }

  function stop(): void {
    setEditing(false);
    setSaving(false);
    pencil.focus();
  }

  async function save(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const name = input.value.trim();
    if (name === props.name) return stop();
    if (!name) {
      setError(t("meter.nameEmpty"));
      return;
    }
    setSaving(true);
    try {
      await props.onSave?.(name);
      stop();
    } catch (failure) {
      setError(inWords(failure));
      setSaving(false);
      input.focus();
    }
  }

  return (
    <Show
      when={editing()}
      fallback={
        <div class={styles.shown}>
          <h1>{props.name}</h1>
          <Show when={props.onSave}>
            <button ref={pencil} type="button" aria-label={t("meter.rename")} onClick={start}>
              <Icon name="pencil" size={20} />
            </button>
          </Show>
        </div>
      }
    >
      <form
        class={styles.form}
        onSubmit={save}
        onKeyDown={(event) => {
          if (event.key === "Escape") stop();
        }}
      >
        <h1 class="visually-hidden">{props.name}</h1>
        <input
          ref={input}
          name="name"
          value={props.name}
          maxlength={60}
          autocomplete="off"
          aria-label={t("meter.name")}
          aria-invalid={error() !== null}
          aria-describedby={errorId}
        />
        <button type="submit" class={styles.save} disabled={saving()}>
          {t(saving() ? "meter.saving" : "meter.save")}
        </button>
        <button type="button" class={styles.cancel} onClick={stop}>
          {t("meter.cancel")}
        </button>
        <p id={errorId} class={styles.error} role="alert">
          {error()}
        </p>
      </form>
    </Show>
  );
}
