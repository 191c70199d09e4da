import { type JSX, Show } from "solid-js";
import type { Notice } from "../../../hub/src/api/contract.ts";
import { t } from "../i18n/text.ts";
import { inWords } from "../state/api.ts";
import styles from "./note.module.css";

/** Something failed: what, what to do, and a way to try again. */
export function ErrorNote(props: { message: string; hint: string; onRetry?: () => void }) {
  return (
    <div class={styles.error} role="alert">
      <p class={styles.title}>{props.message}</p>
      <p>{props.hint}</p>
      <Show when={props.onRetry}>
        {(onRetry) => (
          <button type="button" class={styles.retry} onClick={() => onRetry()()}>
            {t("error.retry")}
          </button>
        )}
      </Show>
    </div>
  );
}

/** Something about the hub that its people should know, on top of what is shown all the same. */
export function HubNotice(props: { notice: Notice }) {
  return (
    <div class={styles.notice} role="status">
      <p class={styles.title}>{t(`notice.${props.notice}`)}</p>
      <p>{t(`notice.${props.notice}Hint`)}</p>
    </div>
  );
}

/** A failed request in its own words, under what could not be shown. */
export function RequestNote(props: { title: string; error: unknown; onRetry: () => void }) {
  return <ErrorNote message={props.title} hint={inWords(props.error)} onRetry={() => props.onRetry()} />;
}

/** A page with nothing to show: why, and what comes next. */
export function EmptyNote(props: { title: string; hint: string; children?: JSX.Element }) {
  return (
    <div class={styles.empty}>
      <svg class={styles.house} viewBox="0 0 120 96" aria-hidden="true">
        <path d="M14 90V44a14 14 0 0 1 5.5-11L51 9a15 15 0 0 1 18 0l31.5 24A14 14 0 0 1 106 44v46" />
        <circle cx="60" cy="60" r="9" />
      </svg>
      <h1>{props.title}</h1>
      <p>{props.hint}</p>
      {props.children}
    </div>
  );
}
