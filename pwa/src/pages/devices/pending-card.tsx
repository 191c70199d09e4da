import { createMemo, createSignal, For, Show } from "solid-js";
import type { PendingDevice } from "../../../../hub/src/api/contract.ts";
import buttons from "../../components/buttons.module.css";
import form from "../../components/form/form.module.css";
import { TextField } from "../../components/form/text-field.tsx";
import { Icon } from "../../components/icon.tsx";
import { count, joined, measured } from "../../format/quantity.ts";
import { named, t } from "../../i18n/text.ts";
import { createAction } from "../../state/action.ts";
import devices from "./devices.module.css";
import { dialectName, kindOf } from "./kinds.ts";
import styles from "./pairing.module.css";
import { proposedName } from "./pairing.ts";

export interface PendingCardProps {
  pending: PendingDevice;
  onApprove: (name: string) => Promise<void>;
  onRefuse: () => Promise<void>;
}

/** Somebody at the door: what it is and what it sends, so that a person can tell whether it is theirs. */
export function PendingCard(props: PendingCardProps) {
  const [typed, setTyped] = createSignal<string | null>(null);
  // Until the person writes, the name grows better with what the device tells.
  const name = createMemo(() => typed() ?? proposedName(props.pending));
  const approve = createAction(() => props.onApprove(name().trim()));
  const refuse = createAction(() => props.onRefuse());
  const isBusy = () => approve.busy() || refuse.busy();
  const what = () => {
    const { dialect, address, messages } = props.pending;
    const said = messages > 0 ? t("meters.messages", { count: count(messages) }) : t("pair.silent");
    return [dialect === null ? null : dialectName(dialect), address, said].filter(Boolean).join(" · ");
  };

  return (
    <form
      class={styles.card}
      data-testid="pending"
      data-client-id={props.pending.clientId}
      novalidate
      onSubmit={(event) => {
        event.preventDefault();
        if (name().trim()) void approve.run();
      }}
    >
      <div class={styles.who}>
        <span class={devices.icon} data-online={props.pending.isConnected}>
          <Icon name={kindOf(props.pending.dialect).icon} />
        </span>
        <p class={devices.words}>
          <strong>{props.pending.name ?? props.pending.model ?? props.pending.clientId}</strong>
          <small>{what()}</small>
          <Show when={!props.pending.isConnected}>
            <small>{t("pair.gone")}</small>
          </Show>
        </p>
      </div>
      <Show when={props.pending.readings.length > 0}>
        <dl class={styles.readings}>
          <For each={props.pending.readings}>
            {(reading) => (
              <div>
                <dt>{named("quantity", reading.quantity)}</dt>
                <dd>{joined(measured(reading.value, reading.unit))}</dd>
              </div>
            )}
          </For>
        </dl>
      </Show>
      <Show when={props.pending.topics.length > 0}>
        <details class={devices.fold}>
          <summary>{t("pair.topics")}</summary>
          <p class={devices.topics}>
            <For each={props.pending.topics}>{(topic) => <code>{topic}</code>}</For>
          </p>
        </details>
      </Show>
      <TextField
        label={t("pair.name")}
        name="device-name"
        value={name()}
        onInput={setTyped}
        problem={name().trim() ? null : t("pair.nameMissing")}
        hint={props.pending.hasPassword ? undefined : t("pair.noPassword")}
      />
      <p class={form.problem} role="alert">
        {approve.error() ?? refuse.error()}
      </p>
      <div class={buttons.row}>
        <button type="submit" class={buttons.primary} disabled={isBusy()}>
          {t("pair.approve")}
        </button>
        <button
          type="button"
          class={buttons.quiet}
          disabled={isBusy()}
          aria-label={t("pair.refuseOf", { name: name() })}
          onClick={() => void refuse.run()}
        >
          {t("pair.refuse")}
        </button>
      </div>
    </form>
  );
}
