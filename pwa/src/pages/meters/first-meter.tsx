import { Show } from "solid-js";
import { HowTo } from "../../components/how-to.tsx";
import { EmptyNote, RequestNote } from "../../components/note.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { t } from "../../i18n/text.ts";
import { createHealth, settled } from "../../state/history.ts";
import page from "../page.module.css";
import styles from "./meters.module.css";

/** A home without a meter: the way to the first one. */
export function FirstMeter() {
  return (
    <div class={page.page}>
      <EmptyNote title={t("home.empty")} hint={t("home.emptyHint")}>
        <div class={`${page.panel} ${styles.first}`}>
          <ConnectMeter />
        </div>
      </EmptyNote>
    </div>
  );
}

/** The steps that point a device at this hub, with the hub's own address filled in. */
export function ConnectMeter() {
  const [health, { refetch }] = createHealth();
  return (
    <Show
      when={!health.error}
      fallback={<RequestNote title={t("howto.broker")} error={health.error} onRetry={refetch} />}
    >
      <Show when={settled(health)} fallback={<Skeleton height="14rem" />}>
        {(found) => <HowTo host={location.hostname} port={found().mqtt.port} />}
      </Show>
    </Show>
  );
}
