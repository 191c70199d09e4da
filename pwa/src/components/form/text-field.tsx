import { createUniqueId, type JSX, Show } from "solid-js";
import styles from "./form.module.css";

export interface TextFieldProps {
  label: string;
  /** As the API and password managers know it. */
  name: string;
  value: string;
  onInput: (value: string) => void;
  autocomplete?: JSX.HTMLAutocomplete;
  hint?: string | undefined;
  problem?: string | null | undefined;
  placeholder?: string;
  maxLength?: number;
  required?: boolean;
  disabled?: boolean;
  /** Letters and digits that are typed over from elsewhere. */
  isCode?: boolean;
  /** Takes the focus where there is a keyboard; on a phone it would hide the page. */
  first?: boolean;
}

/** A line to write in, with what it is for above and what is wrong below. */
export function TextField(props: TextFieldProps) {
  const id = createUniqueId();
  return (
    <div class={styles.field}>
      <label class={styles.label} for={id}>
        {props.label}
      </label>
      <input
        ref={(input) => {
          if (props.first) focusFirst(input);
        }}
        id={id}
        class={styles.input}
        classList={{ [styles.code!]: props.isCode === true }}
        name={props.name}
        type="text"
        value={props.value}
        maxlength={props.maxLength ?? 64}
        placeholder={props.placeholder}
        required={props.required ?? false}
        disabled={props.disabled ?? false}
        autocomplete={props.autocomplete ?? "off"}
        autocapitalize={props.isCode ? "characters" : props.autocomplete === "username" ? "none" : "sentences"}
        spellcheck={false}
        aria-invalid={props.problem ? "true" : undefined}
        aria-describedby={`${id}-words`}
        onInput={(event) => props.onInput(event.currentTarget.value)}
      />
      <FieldWords id={`${id}-words`} hint={props.hint} problem={props.problem} />
    </div>
  );
}

/** What stands below a field: what is wrong with it, else what helps to fill it. */
export function FieldWords(props: { id: string; hint?: string | undefined; problem?: string | null | undefined }) {
  return (
    <div id={props.id}>
      <p class={styles.problem} role="alert">
        {props.problem}
      </p>
      <Show when={!props.problem && props.hint}>{(hint) => <p class={styles.hint}>{hint()}</p>}</Show>
    </div>
  );
}

/** Gives the focus to the first field of a page once it is there, except on touch screens. */
export function focusFirst(input: HTMLElement): void {
  if (!matchMedia("(pointer: fine)").matches) return;
  requestAnimationFrame(() => input.focus({ preventScroll: true }));
}
