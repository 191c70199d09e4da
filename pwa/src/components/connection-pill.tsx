import { Show } from "solid-js";
import { duration } from "../format/time.ts";
import { t } from "../i18n/text.ts";
import type { ConnectionState } from "../state/live.ts";
import styles from "./connection-pill.module.css";

export interface ConnectionPillProps {
  state: ConnectionState;
  retryInS: number | null;
  dataAgeMs: number | null;
  onRetry: () => void;
}

/** Says plainly whether what is on the screen is of now. While offline, a tap tries at once. */
export function ConnectionPill(props: ConnectionPillProps) {
  const text = () => {
    if (props.state === "offline") {
      return props.retryInS === null
        ? t("connection.reconnecting")
        : t("connection.retrying", { seconds: props.retryInS });
    }
    if (props.state === "stale") return t("connection.stale", { age: duration(props.dataAgeMs ?? 0) });
    return t(`connection.${props.state}`);
  };
  return (
    <div class={styles.holder}>
      <Show
        when={props.state === "offline"}
        fallback={
          <span class={styles.pill} data-testid="connection" data-state={props.state}>
            <span class={styles.dot} />
            {text()}
          </span>
        }
      >
        <button
          type="button"
          class={styles.pill}
          data-testid="connection"
          data-state="offline"
          title={t("connection.retryNow")}
          onClick={() => props.onRetry()}
        >
          <span class={styles.dot} />
          {text()}
        </button>
      </Show>
      {/* The state is announced when it changes; the seconds are not. */}
      <span class="visually-hidden" role="status">
        {props.state === "stale" ? t("connection.staleShort") : t(`connection.${props.state}`)}
      </span>
    </div>
  );
}
