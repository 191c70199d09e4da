import { createUniqueId, type JSX, Show } from "solid-js";
import { t } from "../i18n/text.ts";
import { createAction } from "../state/action.ts";
import buttons from "./buttons.module.css";
import styles from "./confirm-dialog.module.css";
import form from "./form/form.module.css";

export interface ConfirmDialogProps {
  title: string;
  /** What happens then. */
  text: string;
  /** On the button that does it. */
  confirm: string;
  isDangerous?: boolean;
  /** Does it; what it throws is shown, and the dialog stays. */
  onConfirm: () => Promise<void>;
  /** Called when it is closed, either way. */
  onClose: () => void;
  children?: JSX.Element;
}

/** Asks before something that cannot be taken back. It opens as soon as it is there. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const titleId = createUniqueId();
  const action = createAction(() => props.onConfirm());
  let dialog!: HTMLDialogElement;

  function closeOnBackdrop(event: MouseEvent): void {
    if (event.target === dialog) dialog.close();
  }

  async function confirm(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (await action.run()) dialog.close();
  }

  return (
    <dialog
      ref={(element) => {
        dialog = element;
        element.addEventListener("click", closeOnBackdrop);
        queueMicrotask(() => element.showModal());
      }}
      class={styles.dialog}
      aria-labelledby={titleId}
      onClose={() => props.onClose()}
    >
      <form class={styles.body} novalidate onSubmit={confirm}>
        <h2 id={titleId}>{props.title}</h2>
        <p>{props.text}</p>
        {props.children}
        <p class={form.problem} role="alert">
          {action.error()}
        </p>
        <div class={styles.buttons}>
          <button type="button" class={buttons.quiet} onClick={() => dialog.close()}>
            {t("form.cancel")}
          </button>
          <button
            type="submit"
            class={props.isDangerous ? buttons.dangerFull : buttons.primary}
            disabled={action.busy()}
            aria-busy={action.busy()}
          >
            <Show when={!action.busy()} fallback={t("form.busy")}>
              {props.confirm}
            </Show>
          </button>
        </div>
      </form>
    </dialog>
  );
}
