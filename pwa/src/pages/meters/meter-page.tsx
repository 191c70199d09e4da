import { createMemo, createSignal, Show } from "solid-js";
import { Icon } from "../../components/icon.tsx";
import { EmptyNote } from "../../components/note.tsx";
import { Segments } from "../../components/segments.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { t } from "../../i18n/text.ts";
import { to } from "../../router.ts";
import { channelsOf } from "../../state/devices.ts";
import { useLive } from "../../state/live.ts";
import type { LiveMeter } from "../../state/readings.ts";
import page from "../page.module.css";
import { WithMeters } from "../with-home.tsx";
import { ChannelPanel } from "./channel-panel.tsx";
import { mainChannel } from "./grouping.ts";
import { HealthPanel } from "./health-panel.tsx";
import { MeterHeading } from "./meter-heading.tsx";
import styles from "./meter-page.module.css";

/** One meter: what it measures, how its day went, and how it fares. */
export function MeterPage(props: { meterId: string }) {
  const live = useLive();
  return (
    <WithMeters outline={<Skeleton height="60vh" />}>
      <Show when={live.state.meters[props.meterId]} fallback={<Gone />}>
        {(meter) => <MeterOf meter={meter()} />}
      </Show>
    </WithMeters>
  );
}

function MeterOf(props: { meter: LiveMeter }) {
  const [chosen, setChosen] = createSignal<string | null>(null);
  const channels = () => channelsOf(props.meter);
  const channelId = createMemo(() => {
    const id = chosen();
    return id !== null && props.meter.channels[id] ? id : mainChannel(props.meter)?.id;
  });

  return (
    <div class={page.page}>
      <MeterHeading meter={props.meter} />
      <Show when={channels().length > 1}>
        <Segments
          legend={t("meter.channel")}
          name="channel"
          value={channelId() ?? ""}
          options={channels().map((channel) => ({ value: channel.id, label: channel.name }))}
          onChoose={setChosen}
        />
      </Show>
      <div class={styles.panels}>
        <Show
          when={channelId()}
          fallback={
            <>
              <p class={page.aside}>{t("meter.noReading")}</p>
              <HealthPanel meter={props.meter} />
            </>
          }
          keyed
        >
          {(id) => (
            <Show when={props.meter.channels[id]}>
              {(channel) => <ChannelPanel meter={props.meter} channel={channel()} />}
            </Show>
          )}
        </Show>
      </div>
    </div>
  );
}

function Gone() {
  return (
    <EmptyNote title={t("meter.gone")} hint={t("meter.goneHint")}>
      <a class={page.action} href={to("/meters")}>
        <Icon name="back" size={20} />
        {t("meter.back")}
      </a>
    </EmptyNote>
  );
}
