import { For, Show } from "solid-js";
import type { Device } from "../../../../hub/src/api/contract.ts";
import buttons from "../../components/buttons.module.css";
import { Icon } from "../../components/icon.tsx";
import { EmptyNote } from "../../components/note.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { count } from "../../format/quantity.ts";
import { t } from "../../i18n/text.ts";
import { to } from "../../router.ts";
import { getJson } from "../../state/api.ts";
import { createRemote } from "../../state/remote.ts";
import { Loaded } from "../loaded.tsx";
import page from "../page.module.css";
import styles from "./devices.module.css";
import { dialectName, kindOf } from "./kinds.ts";
import { PresenceWord } from "./presence-word.tsx";

const EVERY_MS = 5_000;

/** Every device that may send, the ones that need a person first. */
export function DevicesPage() {
  const devices = createRemote(() => getJson<Device[]>("/api/devices"), { everyMs: EVERY_MS });
  return (
    <div class={page.page}>
      <Loaded from={devices} failed={t("devices.failed")} height="60vh">
        {(all) => (
          <Show when={all().length > 0} fallback={<NoDevices />}>
            <PageHead title={t("devices.title")} lead={t("devices.lead")}>
              <AddButton />
            </PageHead>
            <ul class={styles.list} data-testid="devices">
              <For each={[...all()].sort(byName)}>
                {(device) => (
                  <li>
                    <DeviceRow device={device} />
                  </li>
                )}
              </For>
            </ul>
          </Show>
        )}
      </Loaded>
    </div>
  );
}

function NoDevices() {
  return (
    <EmptyNote title={t("devices.empty")} hint={t("devices.emptyHint")}>
      <AddButton />
    </EmptyNote>
  );
}

function AddButton() {
  return (
    <a class={buttons.primary} href={to("/devices/add")}>
      <Icon name="plus" size={20} />
      {t("devices.add")}
    </a>
  );
}

function DeviceRow(props: { device: Device }) {
  const what = () => {
    const { dialect, kind, topics } = props.device;
    const spoken = dialect === null ? null : dialectName(dialect);
    const program = kind === "program" ? t("devices.program") : null;
    const sends = topics.length > 0 ? t("devices.topics", { count: count(topics.length) }) : null;
    return [spoken, program, sends].filter(Boolean).join(" · ");
  };
  return (
    <a class={styles.row} href={to(`/devices/${encodeURIComponent(props.device.id)}`)} data-device-id={props.device.id}>
      <span class={styles.icon} data-online={props.device.isOnline}>
        <Icon name={kindOf(props.device.dialect).icon} />
      </span>
      <span class={styles.words}>
        <strong>{props.device.name}</strong>
        <small>{what()}</small>
        <PresenceWord device={props.device} />
      </span>
      <Show when={!props.device.hasPassword}>
        <span class={styles.weak}>
          <Icon name="alert" size={14} />
          {t("devices.weak")}
        </span>
      </Show>
      <Icon name="next" size={18} />
    </a>
  );
}

function byName(a: Device, b: Device): number {
  return Number(a.hasPassword) - Number(b.hasPassword) || a.name.localeCompare(b.name);
}
