import { Match, Show, Switch } from "solid-js";
import "../../i18n/devices/words.ts";
import { decodePart, path } from "../../router.ts";
import { can } from "../../state/session.ts";
import { NotAllowed } from "../not-allowed.tsx";
import { AddPage } from "./add-page.tsx";
import { DevicePage } from "./device-page.tsx";
import { DevicesPage } from "./devices-page.tsx";
import { PairingPage } from "./pairing-page.tsx";
import { SetupPage } from "./setup-page.tsx";

/** Everything below /devices: who may send to the hub. */
export default function DevicePages() {
  const rest = () => path().slice("/devices".length).split("/").slice(1).map(decodePart);
  return (
    <Show when={can("meters.manage")} fallback={<NotAllowed />}>
      <Switch>
        <Match when={rest().length === 0}>
          <DevicesPage />
        </Match>
        <Match when={rest()[0] === "pair"}>
          <PairingPage />
        </Match>
        <Match when={rest()[0] === "add" && rest()[1]}>
          <SetupPage />
        </Match>
        <Match when={rest()[0] === "add"}>
          <AddPage />
        </Match>
        <Match when={rest()[0]} keyed>
          {(id) => <DevicePage id={id} />}
        </Match>
      </Switch>
    </Show>
  );
}
