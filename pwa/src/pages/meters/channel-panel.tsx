import { createMemo, createSignal, createUniqueId, For, Show } from "solid-js";
import type { Home, Role } from "../../../../hub/src/api/contract.ts";
import { Icon } from "../../components/icon.tsx";
import { energy, joined, money, power } from "../../format/quantity.ts";
import { ago } from "../../format/time.ts";
import { t } from "../../i18n/text.ts";
import { inWords, patchJson } from "../../state/api.ts";
import { currentPowerW, switchedOn } from "../../state/devices.ts";
import { useLive } from "../../state/live.ts";
import type { LiveChannel, LiveMeter } from "../../state/readings.ts";
import { can } from "../../state/session.ts";
import page from "../page.module.css";
import { ChannelDay } from "./channel-day.tsx";
import { HealthPanel } from "./health-panel.tsx";
import styles from "./meter-page.module.css";
import { PhaseTable, ReadingList, RegisterList } from "./readings.tsx";
import { SwitchLine } from "./switch-line.tsx";

const roles: Role[] = ["mains", "solar", "battery", "circuit", "appliance", "ev"];

/** One input of a meter: its power now, its day, and every value that it reports. */
export function ChannelPanel(props: { meter: LiveMeter; channel: LiveChannel }) {
  const live = useLive();
  const readings = createMemo(() => Object.values(props.channel.readings));
  const currentW = () =>
    live.freshness() === "expired" ? null : currentPowerW({ meter: props.meter, channel: props.channel }, live.ageMs);
  const isSwitch = () => switchedOn(props.channel) !== null;
  const shown = () => {
    const powerW = currentW();
    return powerW === null ? null : power(powerW);
  };

  return (
    <>
      <section class={`${page.panel} ${styles.now}`}>
        <div data-live>
          <p class={page.aside}>
            {t(props.channel.role === "solar" ? "meter.producing" : "meter.power")}
            <Show when={isSwitch() && !can("switch")}>
              {" · "}
              {t(switchedOn(props.channel) ? "meter.relayOn" : "meter.relayOff")}
            </Show>
          </p>
          <p class={styles.power} data-testid="meter-power" data-value={currentW() ?? ""}>
            <Show when={shown()} fallback="–">
              {(quantity) => (
                <>
                  {quantity().value} <small>{quantity().unit}</small>
                </>
              )}
            </Show>
          </p>
          <Show when={currentW() === null}>
            <p class={page.aside}>
              <Show when={props.channel.powerTimeMs} fallback={t("meter.noReading")}>
                {(timeMs) =>
                  t("now.lastKnown", {
                    power: joined(power(props.channel.powerW ?? 0)),
                    age: ago(live.ageMs(timeMs())),
                  })
                }
              </Show>
            </p>
          </Show>
        </div>
        <Show when={live.state.home}>{(home) => <Today channel={props.channel} home={home()} />}</Show>
        <Show when={can("meters.manage")}>
          <RoleChoice channel={props.channel} />
        </Show>
        <Show when={isSwitch() && can("switch")}>
          <SwitchLine meter={props.meter} channel={props.channel} />
        </Show>
      </section>
      {/* What a meter measured over time is the home's life, which not everybody sees who looks after meters. */}
      <Show when={live.state.home}>{(home) => <ChannelDay channel={props.channel} home={home()} />}</Show>
      <div class={styles.lists}>
        <PhaseTable readings={readings()} />
        <RegisterList readings={readings()} />
        <ReadingList readings={readings()} />
        <HealthPanel meter={props.meter} />
      </div>
    </>
  );
}

function Today(props: { channel: LiveChannel; home: Home }) {
  return (
    <dl class={styles.day} data-live>
      <div>
        <dt>{t("meter.today")}</dt>
        <dd>{joined(energy(props.channel.today.importWh))}</dd>
      </div>
      <Show when={props.channel.role !== "solar"}>
        <div>
          <dt>{t("meter.costToday")}</dt>
          <dd>{money(props.channel.today.cost, props.home.currency)}</dd>
        </div>
      </Show>
      <Show when={props.channel.today.exportWh > 0}>
        <div>
          <dt>{t("meter.soldToday")}</dt>
          <dd>{joined(energy(props.channel.today.exportWh))}</dd>
        </div>
      </Show>
    </dl>
  );
}

function RoleChoice(props: { channel: LiveChannel }) {
  const [error, setError] = createSignal<string | null>(null);
  const id = createUniqueId();

  async function choose(select: HTMLSelectElement): Promise<void> {
    setError(null);
    try {
      await patchJson<void>(`/api/channels/${encodeURIComponent(props.channel.id)}`, { role: select.value });
    } catch (failure) {
      select.value = props.channel.role;
      setError(inWords(failure));
    }
  }

  return (
    <div class={styles.role}>
      <label for={id}>{t("meter.role")}</label>
      <div class={styles.select}>
        <select id={id} value={props.channel.role} onChange={(event) => choose(event.currentTarget)}>
          <For each={roles}>{(role) => <option value={role}>{t(`role.${role}`)}</option>}</For>
        </select>
        <Icon name="down" size={18} />
      </div>
      <p role="alert" class={styles.problem}>
        {error()}
      </p>
    </div>
  );
}
