import { createEffect, on, Show } from "solid-js";
import type { Device, NewDevice } from "../../../../hub/src/api/contract.ts";
import { PageHead } from "../../components/page-head.tsx";
import { t } from "../../i18n/text.ts";
import { navigate } from "../../router.ts";
import { getJson } from "../../state/api.ts";
import { createRemote } from "../../state/remote.ts";
import page from "../page.module.css";
import { ArrivalCard } from "./arrival-card.tsx";
import styles from "./devices.module.css";
import { fresh } from "./fresh.ts";
import { arrivalOf, dialectName } from "./kinds.ts";
import { SetupCard } from "./setup-card.tsx";

const EVERY_MS = 1_500;

/** How to set the new device up, and its arrival. */
export function SetupPage() {
  createEffect(
    on(fresh, (made) => {
      if (!made) navigate("/devices/add", { replace: true });
    }),
  );
  return (
    <Show when={fresh()} keyed>
      {(made) => <Setup made={made} />}
    </Show>
  );
}

function Setup(props: { made: NewDevice }) {
  const devices = createRemote(() => getJson<Device[]>("/api/devices"), { everyMs: EVERY_MS });
  const device = () => devices.value()?.find((one) => one.id === props.made.device.id);
  return (
    <div class={page.page}>
      <PageHead title={dialectName(props.made.card.dialect)} back={{ page: "/devices/add", label: t("add.other") }} />
      <div class={styles.setup}>
        {/* Once it measures, its credential is where it belongs. */}
        <Show when={arrivalOf(device()) !== "here"}>
          <SetupCard card={props.made.card} />
        </Show>
        <ArrivalCard device={device()} isLost={devices.error() !== null} />
      </div>
    </div>
  );
}
