import { For, Show } from "solid-js";
import { Icon } from "../../components/icon.tsx";
import { RequestNote } from "../../components/note.tsx";
import { count } from "../../format/quantity.ts";
import { ago } from "../../format/time.ts";
import { t } from "../../i18n/text.ts";
import { createUnknownTopics, settled } from "../../state/history.ts";
import { useLive } from "../../state/live.ts";
import page from "../page.module.css";
import styles from "./meters.module.css";

/** What came to the hub that no driver reads: for makers, folded away. */
export function UnknownTopics() {
  const live = useLive();
  const [topics, { refetch }] = createUnknownTopics();
  const found = () => (settled(topics) ?? []).filter((topic) => !topic.isKnown);
  return (
    <Show
      when={!topics.error}
      fallback={<RequestNote title={t("meters.unknownFailed")} error={topics.error} onRetry={refetch} />}
    >
      <Show when={found().length > 0}>
        <details
          class={`${page.panel} ${styles.fold}`}
          onToggle={(event) => {
            if (event.currentTarget.open) void refetch();
          }}
        >
          <summary>
            <Icon name="rest" />
            <span>
              {t("meters.unknownTitle")}
              <small>{t("meters.unknownLead", { count: count(found().length) })}</small>
            </span>
          </summary>
          <ul class={styles.topics}>
            <For each={found()}>
              {(topic) => (
                <li>
                  <p class={styles.pattern}>
                    <code>{topic.pattern}</code>
                    <span>{t("meters.messages", { count: count(topic.count) })}</span>
                  </p>
                  <p class={styles.last}>
                    {t("meters.unknownLast", { topic: topic.lastTopic, age: ago(live.ageMs(topic.lastTimeMs)) })}
                  </p>
                  <pre class={styles.payload}>{topic.lastPayload}</pre>
                </li>
              )}
            </For>
          </ul>
        </details>
      </Show>
    </Show>
  );
}
