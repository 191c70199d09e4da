import { type Accessor, For, type JSX, Show } from "solid-js";
import type { Home } from "../../../hub/src/api/contract.ts";
import { ErrorNote, HubNotice } from "../components/note.tsx";
import { t } from "../i18n/text.ts";
import { useLive } from "../state/live.ts";

/** What needs the home: before the first snapshot its outline stands here, or that the hub does not answer. */
export function WithHome(props: { outline: JSX.Element; children: (home: Accessor<Home>) => JSX.Element }) {
  const live = useLive();
  return (
    <Show
      when={live.state.home}
      fallback={
        <Show when={live.connection() === "offline"} fallback={props.outline}>
          <ErrorNote message={t("error.unreachable")} hint={t("error.unreachableHint")} onRetry={live.retryNow} />
        </Show>
      }
    >
      {(home) => (
        <>
          <For each={home().notices}>{(notice) => <HubNotice notice={notice} />}</For>
          {props.children(home)}
        </>
      )}
    </Show>
  );
}
