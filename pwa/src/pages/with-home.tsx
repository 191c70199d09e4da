import { type Accessor, For, type JSX, Show } from "solid-js";
import type { Home } from "../../../hub/src/api/contract.ts";
import { ErrorNote, HubNotice } from "../components/note.tsx";
import { t } from "../i18n/text.ts";
import { useLive } from "../state/live.ts";

/** What needs the home: before the first snapshot its outline stands here, or that the hub does not answer. */
export function WithHome(props: { outline: JSX.Element; children: (home: Accessor<Home>) => JSX.Element }) {
  const live = useLive();
  return (
    <Show when={live.state.home} fallback={<Outside outline={props.outline} />}>
      {(home) => (
        <>
          <Notices />
          {props.children(home)}
        </>
      )}
    </Show>
  );
}

/** As `WithHome` for what only needs the meters: an installer sees those without the home. */
export function WithMeters(props: { outline: JSX.Element; children: JSX.Element }) {
  const live = useLive();
  return (
    <Show when={live.session() > 0} fallback={<Outside outline={props.outline} />}>
      <Notices />
      {props.children}
    </Show>
  );
}

function Notices() {
  const live = useLive();
  return <For each={live.state.home?.notices ?? []}>{(notice) => <HubNotice notice={notice} />}</For>;
}

function Outside(props: { outline: JSX.Element }) {
  const live = useLive();
  return (
    <Show when={live.connection() === "offline"} fallback={props.outline}>
      <ErrorNote message={t("error.unreachable")} hint={t("error.unreachableHint")} onRetry={live.retryNow} />
    </Show>
  );
}
