import { createMemo, createSignal, createUniqueId, For, Show } from "solid-js";
import { t } from "../../i18n/text.ts";
import buttons from "../buttons.module.css";
import { Icon } from "../icon.tsx";
import styles from "./form.module.css";
import { passwordStrength } from "./strength.ts";
import { FieldWords, focusFirst } from "./text-field.tsx";

export interface PasswordFieldProps {
  label: string;
  value: string;
  onInput: (value: string) => void;
  /** A new password is judged as it is written; the present one is not. */
  isNew?: boolean;
  /** What a new password must not hold, such as the person's name. */
  known?: string;
  hint?: string;
  problem?: string | null;
  first?: boolean;
}

/** A password, which can be shown while it is written. */
export function PasswordField(props: PasswordFieldProps) {
  const id = createUniqueId();
  const [isShown, setShown] = createSignal(false);
  return (
    <div class={styles.field}>
      <label class={styles.label} for={id}>
        {props.label}
      </label>
      <div class={styles.box}>
        <input
          ref={(input) => {
            if (props.first) focusFirst(input);
          }}
          id={id}
          class={`${styles.input} ${styles.withButton}`}
          name={props.isNew ? "new-password" : "password"}
          type={isShown() ? "text" : "password"}
          value={props.value}
          maxlength={256}
          required
          autocomplete={props.isNew ? "new-password" : "current-password"}
          autocapitalize="none"
          spellcheck={false}
          aria-invalid={props.problem ? "true" : undefined}
          aria-describedby={`${id}-words ${id}-strength`}
          onInput={(event) => props.onInput(event.currentTarget.value)}
        />
        <button
          type="button"
          class={`${buttons.round} ${styles.inside}`}
          aria-label={t("form.showPassword")}
          aria-pressed={isShown()}
          aria-controls={id}
          onClick={() => setShown(!isShown())}
        >
          <Icon name={isShown() ? "eyeOff" : "eye"} size={22} />
        </button>
      </div>
      <Show when={props.isNew}>
        <StrengthWord id={`${id}-strength`} password={props.value} known={props.known ?? ""} />
      </Show>
      <FieldWords id={`${id}-words`} hint={props.hint} problem={props.problem} />
    </div>
  );
}

function StrengthWord(props: { id: string; password: string; known: string }) {
  const strength = createMemo(() => passwordStrength(props.password, props.known));
  return (
    <p id={props.id} class={styles.strength} aria-live="polite">
      <For each={[1, 2, 3]}>{(step) => <i data-lit={strength() >= step ? strength() : undefined} />}</For>
      <span>{t(`form.strength${strength()}`)}</span>
    </p>
  );
}
