import { type Accessor, type JSX, Show } from "solid-js";
import { RequestNote } from "../components/note.tsx";
import { Skeleton } from "../components/skeleton.tsx";
import type { Remote } from "../state/remote.ts";

/** What the hub holds once it is here; before that its outline, or why it cannot be shown. */
export function Loaded<T>(props: {
  from: Remote<T>;
  failed: string;
  height?: string;
  children: (value: Accessor<T>) => JSX.Element;
}) {
  return (
    <Show
      when={props.from.value()}
      fallback={
        <Show when={props.from.error()} fallback={<Skeleton height={props.height ?? "12rem"} />}>
          <RequestNote title={props.failed} error={props.from.error()} onRetry={props.from.reload} />
        </Show>
      }
    >
      {(value) => props.children(value as Accessor<T>)}
    </Show>
  );
}
