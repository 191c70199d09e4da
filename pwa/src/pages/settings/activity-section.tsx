import { createSignal, For, Show } from "solid-js";
import type { AuditCheck, AuditEntry, AuditPage } from "../../../../hub/src/api/contract.ts";
import buttons from "../../components/buttons.module.css";
import { Icon } from "../../components/icon.tsx";
import { ErrorNote, RequestNote } from "../../components/note.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { count } from "../../format/quantity.ts";
import { fullDate } from "../../format/time.ts";
import { named, t } from "../../i18n/text.ts";
import { createAction } from "../../state/action.ts";
import { addressOf, getJson } from "../../state/api.ts";
import { useTimeZone } from "../../state/live.ts";
import { SectionHead } from "./section-head.tsx";
import styles from "./settings.module.css";

const PAGE_LENGTH = 50;

/** Who did what in the home, newest first, and whether the log is as it was written. */
export default function ActivitySection() {
  const [entries, setEntries] = createSignal<AuditEntry[]>([]);
  /** Undefined before the first page is here, null at the end. */
  const [before, setBefore] = createSignal<number | null>();
  const more = createAction(async () => {
    const query = new URLSearchParams({ limit: String(PAGE_LENGTH) });
    const from = before();
    if (from != null) query.set("before", String(from));
    const next = await getJson<AuditPage>(`/api/audit?${query}`);
    setEntries((shown) => [...shown, ...next.entries]);
    setBefore(next.nextBefore);
  });
  void more.run();

  return (
    <>
      <SectionHead title={t("activity.title")} lead={t("activity.lead")} />
      <Checking />
      <Show when={before() !== undefined} fallback={<Show when={more.busy()}>{<Skeleton height="20rem" />}</Show>}>
        <section class={styles.card}>
          <ol class={styles.log}>
            <For each={entries()} fallback={<li>{t("activity.empty")}</li>}>
              {(entry) => <Entry entry={entry} />}
            </For>
          </ol>
          <Show when={before() != null}>
            <button type="button" class={buttons.quiet} disabled={more.busy()} onClick={() => void more.run()}>
              {t("activity.more")}
            </button>
          </Show>
        </section>
      </Show>
      <Show when={more.failure()}>
        <RequestNote title={t("activity.failed")} error={more.failure()} onRetry={() => void more.run()} />
      </Show>
    </>
  );
}

function Checking() {
  const [result, setResult] = createSignal<AuditCheck | null>(null);
  const check = createAction(async () => {
    setResult(await getJson<AuditCheck>("/api/audit/check"));
  });
  return (
    <div class={styles.list}>
      <div class={buttons.row}>
        <button type="button" class={buttons.quiet} disabled={check.busy()} onClick={() => void check.run()}>
          <Icon name="shield" size={20} />
          {t(check.busy() ? "activity.checking" : "activity.check")}
        </button>
        <a class={buttons.quiet} href={addressOf("/api/audit/export.csv")} download="faiban-activity.csv">
          <Icon name="download" size={20} />
          {t("activity.export")}
        </a>
      </div>
      <p class={styles.said} role="status">
        {result()?.isIntact ? t("activity.intact", { count: count(result()!.entries) }) : ""}
      </p>
      <Show when={result() && !result()!.isIntact}>
        <ErrorNote message={t("activity.broken", { seq: result()?.brokenAt ?? 0 })} hint="" />
      </Show>
      <Show when={check.failure()}>
        <RequestNote title={t("activity.failed")} error={check.failure()} onRetry={() => void check.run()} />
      </Show>
    </div>
  );
}

/** Who it was; the hub has signs of its own for itself and for whoever did not say. */
function actorName(actor: string): string {
  if (actor === "?") return t("activity.unknown");
  return actor === "hub" ? t("activity.hub") : actor;
}

function Entry(props: { entry: AuditEntry }) {
  const timeZone = useTimeZone();
  const more = () => {
    const { target, detail, address } = props.entry;
    const from = address ? t("activity.from", { address }) : null;
    return [target, detail, from].filter(Boolean).join(" · ");
  };
  return (
    <li>
      <p>
        <strong>{actorName(props.entry.actor)}</strong> {named("audit", props.entry.action)}
      </p>
      <time datetime={new Date(props.entry.timeMs).toISOString()}>{fullDate(props.entry.timeMs, timeZone())}</time>
      <Show when={more()}>{(words) => <small>{words()}</small>}</Show>
    </li>
  );
}
