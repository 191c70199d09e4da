import { createMemo, createSignal, createUniqueId, For, Show } from "solid-js";
import buttons from "../../components/buttons.module.css";
import { guessIcon, Icon } from "../../components/icon.tsx";
import { MeterRow } from "../../components/meter-row.tsx";
import { RelaySwitch } from "../../components/relay-switch.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { locale } from "../../format/quantity.ts";
import { t } from "../../i18n/text.ts";
import { to } from "../../router.ts";
import { channelsOf, isSupply, OLD_READING_MS } from "../../state/devices.ts";
import { useLive } from "../../state/live.ts";
import type { LiveChannel, LiveMeter } from "../../state/readings.ts";
import { can } from "../../state/session.ts";
import { createRelaySwitch } from "../../state/switching.ts";
import page from "../page.module.css";
import { WithMeters } from "../with-home.tsx";
import { FirstMeter } from "./first-meter.tsx";
import { grouped, mainChannel, meterPowerW, switchedChannel } from "./grouping.ts";
import styles from "./meters.module.css";
import { UnknownTopics } from "./unknown-topics.tsx";

/** From this many on, looking is slower than typing. */
const SEARCH_FROM = 9;

/** Every meter of the home, and how to add one. */
export function MetersPage() {
  const live = useLive();
  return (
    <WithMeters outline={<Skeleton height="60vh" />}>
      <Show when={Object.keys(live.state.meters).length > 0} fallback={<NoMeters />}>
        <MeterList />
      </Show>
    </WithMeters>
  );
}

function NoMeters() {
  return (
    <>
      <FirstMeter />
      <UnknownTopics />
    </>
  );
}

function MeterList() {
  const live = useLive();
  const [search, setSearch] = createSignal("");
  const meters = () => Object.values(live.state.meters);
  const sections = createMemo(() => grouped(meters(), search(), locale()));
  const idsOf = (group: string) => sections().find((section) => section.group === group)?.ids ?? [];
  // Strings keep their sections, and with them the rows, in place while names and powers change.
  const shownGroups = createMemo(() => sections().map(({ group }) => group), [], {
    equals: (a, b) => a.join() === b.join(),
  });

  return (
    <div class={page.page}>
      <header class={styles.header}>
        <h1 class={page.title}>{t("meters.title")}</h1>
        <Show when={meters().length >= SEARCH_FROM}>
          <label class={styles.search}>
            <Icon name="search" size={20} />
            <span class="visually-hidden">{t("meters.search")}</span>
            <input
              type="search"
              placeholder={t("meters.search")}
              value={search()}
              onInput={(event) => setSearch(event.currentTarget.value)}
            />
          </label>
        </Show>
      </header>
      <For each={shownGroups()} fallback={<p class={page.aside}>{t("meters.noMatch", { text: search().trim() })}</p>}>
        {(group) => (
          <section class={page.section}>
            <h2 class={page.heading}>{t(`meters.${group}`)}</h2>
            <ul class={styles.list}>
              <For each={idsOf(group)}>
                {(id) => (
                  <Show when={live.state.meters[id]}>
                    {(meter) => (
                      <li class={styles.item}>
                        <Row meter={meter()} />
                      </li>
                    )}
                  </Show>
                )}
              </For>
            </ul>
          </section>
        )}
      </For>
      <Show when={can("meters.manage")}>
        <nav class={styles.ways} aria-label={t("nav.devices")}>
          <a class={buttons.quiet} href={to("/devices/add")}>
            <Icon name="plus" size={20} />
            {t("meters.add")}
          </a>
          <a class={buttons.quiet} href={to("/devices")}>
            <Icon name="plug" size={20} />
            {t("nav.devices")}
          </a>
        </nav>
      </Show>
      <UnknownTopics />
    </div>
  );
}

function Row(props: { meter: LiveMeter }) {
  const switched = createMemo(() => (can("switch") ? switchedChannel(props.meter) : undefined));
  return (
    <Show when={switched()} fallback={<PlainRow meter={props.meter} />}>
      {(channel) => <SwitchRow meter={props.meter} channel={channel()} />}
    </Show>
  );
}

/** A row with the switch beside what leads to the meter's page. */
function SwitchRow(props: { meter: LiveMeter; channel: LiveChannel }) {
  const relay = createRelaySwitch(() => props);
  const problemId = createUniqueId();
  return (
    <div class={styles.switched}>
      <PlainRow meter={props.meter} problem={relay.problem()} problemId={problemId} />
      <div class={styles.switch} data-live>
        <RelaySwitch
          label={t("switch.label", { name: props.meter.name })}
          isOn={relay.isOn()}
          isMoving={relay.isMoving()}
          locked={relay.locked()}
          describedBy={problemId}
          onPress={relay.press}
        />
      </div>
    </div>
  );
}

function PlainRow(props: { meter: LiveMeter; problem?: string | null; problemId?: string }) {
  const live = useLive();
  const main = createMemo(() => mainChannel(props.meter));
  const powerW = createMemo(() => meterPowerW(props.meter));
  const seenAgeMs = () => live.ageMs(props.meter.lastSeenMs);
  return (
    <MeterRow
      id={props.meter.id}
      name={props.meter.name}
      icon={guessIcon(main()?.role ?? "appliance", props.meter.name, props.meter.id)}
      availability={props.meter.availability}
      powerW={live.freshness() === "expired" ? null : powerW()}
      current={props.meter.availability !== "offline" && seenAgeMs() <= OLD_READING_MS}
      seenAgeMs={seenAgeMs()}
      rejectedCount={props.meter.rejectedCount}
      inputs={channelsOf(props.meter).map((channel) => channel.name)}
      supply={isSupply(main()?.role ?? "appliance")}
      problem={props.problem}
      problemId={props.problemId}
    />
  );
}
