import { type JSX, Show } from "solid-js";
import buttons from "../buttons.module.css";
import styles from "./form.module.css";

export interface FormProps {
  onSubmit: () => void;
  /** On the button. */
  submit: string;
  busy: boolean;
  disabled?: boolean;
  /** What went wrong with the whole of it. */
  error: string | null;
  /** A button across the form, as on a page that is nothing but the form. */
  wide?: boolean;
  children: JSX.Element;
  /** Beside the button. */
  aside?: JSX.Element;
}

/** Fields and the button that sends them; what went wrong is said right above the button. */
export function Form(props: FormProps) {
  return (
    <form
      class={styles.form}
      // The app says in the household's language what is missing.
      novalidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!props.busy && !props.disabled) props.onSubmit();
      }}
    >
      {props.children}
      <p class={styles.problem} role="alert">
        {props.error}
      </p>
      <div class={buttons.row}>
        <button
          type="submit"
          class={buttons.primary}
          classList={{ [buttons.wide!]: props.wide === true }}
          disabled={props.busy || props.disabled === true}
          aria-busy={props.busy}
        >
          {props.submit}
        </button>
        <Show when={props.aside}>{props.aside}</Show>
      </div>
    </form>
  );
}
