import { createSignal, For, type JSX, Show } from "solid-js";
import type { Device, NewDevice } from "../../../../hub/src/api/contract.ts";
import buttons from "../../components/buttons.module.css";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { Icon } from "../../components/icon.tsx";
import { EmptyNote } from "../../components/note.tsx";
import head from "../../components/page-head.module.css";
import { RenameField } from "../../components/rename-field.tsx";
import { fullDate } from "../../format/time.ts";
import { type Key, t } from "../../i18n/text.ts";
import { navigate, to } from "../../router.ts";
import { deleteJson, getJson, patchJson, postJson } from "../../state/api.ts";
import { useLive, useTimeZone } from "../../state/live.ts";
import { createRemote, type Remote } from "../../state/remote.ts";
import { hub } from "../../state/session.ts";
import { Loaded } from "../loaded.tsx";
import page from "../page.module.css";
import { CertificateCard } from "./certificate-card.tsx";
import styles from "./devices.module.css";
import { dialectName, kindOf } from "./kinds.ts";
import { PresenceWord } from "./presence-word.tsx";
import { SetupCard } from "./setup-card.tsx";

const EVERY_MS = 5_000;
const addressOfDevice = (id: string) => `/api/devices/${encodeURIComponent(id)}`;

/** One device: what it is, what it may do, and its credential. */
export function DevicePage(props: { id: string }) {
  const devices = createRemote(() => getJson<Device[]>("/api/devices"), { everyMs: EVERY_MS });
  return (
    <div class={page.page}>
      <Loaded from={devices} failed={t("device.notFound")} height="60vh">
        {(all) => (
          <Show when={all().find((one) => one.id === props.id)} fallback={<Gone />}>
            {(device) => <DeviceOf device={device()} devices={devices} />}
          </Show>
        )}
      </Loaded>
    </div>
  );
}

function DeviceOf(props: { device: Device; devices: Remote<Device[]> }) {
  const [isRemoving, setRemoving] = createSignal(false);
  const address = () => addressOfDevice(props.device.id);
  async function rename(name: string): Promise<void> {
    await patchJson<Device>(address(), { name });
    await props.devices.reload();
  }
  async function remove(): Promise<void> {
    await deleteJson(address());
    navigate("/devices", { replace: true });
  }
  return (
    <>
      <header class={head.head}>
        <a class={head.back} href={to("/devices")}>
          <Icon name="back" size={18} />
          {t("devices.all")}
        </a>
        <div class={styles.heading}>
          <span class={styles.icon} data-online={props.device.isOnline}>
            <Icon name={kindOf(props.device.dialect).icon} size={30} />
          </span>
          <div>
            <RenameField name={props.device.name} onSave={rename} />
            <PresenceWord device={props.device} />
          </div>
        </div>
      </header>
      <div class={styles.panels}>
        <Show when={!props.device.hasPassword}>
          <p class={styles.warning}>
            <Icon name="alert" />
            <span class={styles.words}>
              <strong>{t("device.weakTitle")}</strong>
              {t("device.weakHint")}
            </span>
          </p>
        </Show>
        <Facts device={props.device} />
        <PasswordCard device={props.device} devices={props.devices} />
        {/* A certificate is of use only where the hub speaks TLS. */}
        <Show when={hub()?.httpsUrl || props.device.certificate}>
          <CertificateCard device={props.device} onChanged={props.devices.reload} />
        </Show>
        <div>
          <button type="button" class={buttons.danger} onClick={() => setRemoving(true)}>
            <Icon name="trash" size={20} />
            {t("device.remove")}
          </button>
        </div>
      </div>
      <Show when={isRemoving()}>
        <ConfirmDialog
          title={t("device.removeTitle", { name: props.device.name })}
          text={t("device.removeText")}
          confirm={t("device.remove")}
          isDangerous
          onConfirm={remove}
          onClose={() => setRemoving(false)}
        />
      </Show>
    </>
  );
}

function Facts(props: { device: Device }) {
  const live = useLive();
  const timeZone = useTimeZone();
  const clientId = () =>
    props.device.clientId ?? t(props.device.kind === "program" ? "device.clientIdAny" : "device.clientIdFirst");
  return (
    <section class={styles.card}>
      <dl class={styles.facts}>
        <Fact title="device.kind">{dialectName(props.device.dialect ?? "other")}</Fact>
        <Fact title="device.user">{props.device.username}</Fact>
        <Fact title="device.clientId">{clientId()}</Fact>
        <Fact title="device.address">{props.device.address}</Fact>
        <Fact title="device.created">{fullDate(props.device.createdMs, timeZone())}</Fact>
        <Show
          when={props.device.meters.length > 0}
          fallback={<Fact title="device.meters">{t("device.noMeters")}</Fact>}
        >
          <div class={styles.all}>
            <dt>{t("device.meters")}</dt>
            <dd class={styles.meters}>
              <For each={props.device.meters}>
                {(id) => <a href={to(`/meters/${encodeURIComponent(id)}`)}>{live.state.meters[id]?.name ?? id}</a>}
              </For>
            </dd>
          </div>
        </Show>
        <Show when={props.device.topics.length > 0}>
          <div class={styles.all}>
            <dt>{t("device.topics")}</dt>
            <dd class={styles.topics}>
              <For each={props.device.topics}>{(topic) => <code>{topic}</code>}</For>
            </dd>
          </div>
        </Show>
      </dl>
    </section>
  );
}

function Fact(props: { title: Key; children: JSX.Element }) {
  return (
    <Show when={props.children}>
      {(value) => (
        <div>
          <dt>{t(props.title)}</dt>
          <dd>{value()}</dd>
        </div>
      )}
    </Show>
  );
}

function PasswordCard(props: { device: Device; devices: Remote<Device[]> }) {
  const [isAsking, setAsking] = createSignal(false);
  const [made, setMade] = createSignal<NewDevice | null>(null);
  async function renew(): Promise<void> {
    setMade(await postJson<NewDevice>(`${addressOfDevice(props.device.id)}/password`));
    await props.devices.reload();
  }
  return (
    <>
      <section class={styles.card}>
        <div class={styles.line}>
          <div class={styles.words}>
            <h2>{t("device.password")}</h2>
            <p>{t("device.passwordHint")}</p>
          </div>
          <button type="button" class={buttons.quiet} onClick={() => setAsking(true)}>
            <Icon name="refresh" size={20} />
            {t("device.passwordNew")}
          </button>
        </div>
      </section>
      <Show when={made()}>{(fresh) => <SetupCard card={fresh().card} />}</Show>
      <Show when={isAsking()}>
        <ConfirmDialog
          title={t("device.passwordTitle")}
          text={t("device.passwordText")}
          confirm={t("device.passwordNew")}
          onConfirm={renew}
          onClose={() => setAsking(false)}
        />
      </Show>
    </>
  );
}

function Gone() {
  return (
    <EmptyNote title={t("device.gone")} hint={t("device.goneHint")}>
      <a class={buttons.primary} href={to("/devices")}>
        {t("devices.all")}
      </a>
    </EmptyNote>
  );
}
