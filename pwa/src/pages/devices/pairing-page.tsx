import { createMemo, createSignal, For, Match, Show, Switch } from "solid-js";
import type { Device, Pairing } from "../../../../hub/src/api/contract.ts";
import buttons from "../../components/buttons.module.css";
import { CountdownRing } from "../../components/countdown-ring.tsx";
import form from "../../components/form/form.module.css";
import { Icon } from "../../components/icon.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { count } from "../../format/quantity.ts";
import { t } from "../../i18n/text.ts";
import { createAction } from "../../state/action.ts";
import { deleteJson, getJson, postJson } from "../../state/api.ts";
import { useLive } from "../../state/live.ts";
import { createRemote } from "../../state/remote.ts";
import { Loaded } from "../loaded.tsx";
import page from "../page.module.css";
import styles from "./pairing.module.css";
import { minutesLeft, shareLeft } from "./pairing.ts";
import { PendingCard } from "./pending-card.tsx";

const EVERY_MS = 1_000;

/** The open door: who knocks, and letting them in. */
export function PairingPage() {
  const pairing = createRemote(() => getJson<Pairing>("/api/pairing"), { everyMs: EVERY_MS, key: "clientId" });
  const [letIn, setLetIn] = createSignal<Device | null>(null);
  const open = createAction(async () => pairing.set(await postJson<Pairing>("/api/pairing")));
  const close = createAction(async () => pairing.set(await deleteJson<Pairing>("/api/pairing")));

  const addressOfPending = (clientId: string) => `/api/pairing/${encodeURIComponent(clientId)}`;
  async function approve(clientId: string, name: string): Promise<void> {
    setLetIn(await postJson<Device>(addressOfPending(clientId), { name }));
    await pairing.reload();
  }
  async function refuse(clientId: string): Promise<void> {
    await deleteJson(addressOfPending(clientId));
    await pairing.reload();
  }

  return (
    <div class={page.page}>
      <PageHead
        title={t("pair.title")}
        lead={t("pair.lead", { host: location.hostname })}
        back={{ page: "/devices/add", label: t("add.title") }}
      />
      <Loaded from={pairing} failed={t("pair.failed")}>
        {(state) => (
          <div class={styles.page}>
            <DoorState
              openUntilMs={state().openUntilMs}
              busy={open.busy() || close.busy()}
              error={open.error() ?? close.error()}
              onOpen={() => void open.run()}
              onClose={() => void close.run()}
            />
            <section class={styles.pending} aria-live="polite">
              <Show when={letIn()}>
                {(device) => (
                  <p class={styles.in} role="status">
                    <Icon name="check" size={20} />
                    {t("pair.in", { name: device().name })}
                  </p>
                )}
              </Show>
              <Show when={state().pending.length > 0}>
                <h2>{t("pair.knocked", { count: count(state().pending.length) })}</h2>
              </Show>
              <For each={state().pending} fallback={<p class={styles.nobody}>{t("pair.waiting")}</p>}>
                {(pending) => (
                  <PendingCard
                    pending={pending}
                    onApprove={(name) => approve(pending.clientId, name)}
                    onRefuse={() => refuse(pending.clientId)}
                  />
                )}
              </For>
            </section>
          </div>
        )}
      </Loaded>
    </div>
  );
}

interface DoorStateProps {
  openUntilMs: number | null;
  busy: boolean;
  error: string | null;
  onOpen: () => void;
  onClose: () => void;
}

function DoorState(props: DoorStateProps) {
  const live = useLive();
  const leftMs = createMemo(() => Math.max(0, (props.openUntilMs ?? 0) - live.nowMs()));
  return (
    <section class={styles.door} data-testid="pairing" data-open={leftMs() > 0}>
      <Switch>
        <Match when={leftMs() > 0}>
          <CountdownRing share={shareLeft(leftMs())}>
            <span class={styles.time} role="timer">
              {minutesLeft(leftMs())}
            </span>
          </CountdownRing>
          <div class={styles.actions}>
            <button type="button" class={buttons.quiet} disabled={props.busy} onClick={() => props.onOpen()}>
              {t("pair.more")}
            </button>
            <button type="button" class={buttons.plain} disabled={props.busy} onClick={() => props.onClose()}>
              {t("pair.close")}
            </button>
          </div>
        </Match>
        <Match when={leftMs() === 0}>
          <CountdownRing share={0}>
            <Icon name="radar" size={40} />
          </CountdownRing>
          <h2>{t("pair.closed")}</h2>
          <p>{t("pair.closedHint")}</p>
          <div class={styles.actions}>
            <button type="button" class={buttons.primary} disabled={props.busy} onClick={() => props.onOpen()}>
              {t("pair.open")}
            </button>
          </div>
        </Match>
      </Switch>
      <p class={form.problem} role="alert">
        {props.error}
      </p>
    </section>
  );
}
