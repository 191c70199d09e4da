import { createEffect, createMemo, createSignal, For, onCleanup, onMount, Show, untrack } from "solid-js";
import { DeviceRow } from "../../components/device-row.tsx";
import { guessIcon } from "../../components/icon.tsx";
import { count } from "../../format/quantity.ts";
import { clock } from "../../format/time.ts";
import { t } from "../../i18n/text.ts";
import { to } from "../../router.ts";
import { channelsOf, currentPowerW, type Device, deviceName, devicesThatUse } from "../../state/devices.ts";
import { useLive } from "../../state/live.ts";
import page from "../page.module.css";
import styles from "./on-now.module.css";
import { rerank } from "./ranking.ts";

/** From this on a device is on and not on standby; it stays so down to half of it, or it would come and go. */
const ON_W = 4;
const RERANK_MS = 4_000;
const SHOWN = 9;

/** What is on, the strongest first, and what no meter accounts for. */
export function OnNow(props: { restW: number | null }) {
  const live = useLive();
  const devices = createMemo(
    () => new Map(devicesThatUse(live.state).map((device) => [device.channel.id, device] as const)),
  );
  const powerOf = (id: string) => {
    const device = devices().get(id);
    return device ? (currentPowerW(device, live.ageMs) ?? 0) : 0;
  };
  const present = createMemo<string[]>(
    (before) => [...devices().keys()].filter((id) => powerOf(id) >= (before.includes(id) ? ON_W / 2 : ON_W)),
    [],
    { equals: (a, b) => a.length === b.length && a.every((id, index) => id === b[index]) },
  );

  const [order, setOrder] = createSignal<string[]>([]);
  const rows = new Map<string, HTMLElement>();

  // Each row glides from where it stood: only transforms, measured once per change of order.
  function reorder(next: string[]): void {
    const before = new Map([...rows].map(([id, row]) => [id, row.offsetTop] as const));
    setOrder(next);
    for (const [id, row] of rows) {
      const from = before.get(id);
      if (from !== undefined && from !== row.offsetTop) glide(row, from - row.offsetTop);
    }
  }

  createEffect(() => {
    const ids = present();
    untrack(() => reorder(rerank(order(), powerOf, ids)));
  });
  onMount(() => {
    const timer = setInterval(() => {
      const next = rerank(order(), powerOf, present());
      if (next.some((id, index) => id !== order()[index])) reorder(next);
    }, RERANK_MS);
    onCleanup(() => clearInterval(timer));
  });

  const shown = createMemo(() => order().slice(0, SHOWN));
  const restW = () => Math.max(0, props.restW ?? 0);
  const strongestW = createMemo(() => Math.max(1, restW(), ...shown().map(powerOf)));

  const asOf = () => {
    const home = live.state.home;
    return home ? t("now.asOf", { time: clock(live.lastFrameMs(), home.timeZone) }) : "";
  };

  return (
    <section class={page.section}>
      <h2 class={page.heading}>
        {t("now.onNow")}
        <Show when={live.freshness() === "fresh"} fallback={<span class={page.aside}>{asOf()}</span>}>
          <a class={styles.all} href={to("/meters")}>
            {t("now.more", { count: count(devices().size) })}
          </a>
        </Show>
      </h2>
      <Show when={shown().length > 0} fallback={<p class={page.aside}>{t("now.nothingOn")}</p>}>
        <ol class={styles.list}>
          <For each={shown()}>
            {(id) => {
              const device = createMemo<Device | undefined>((before) => devices().get(id) ?? before);
              const powerW = createMemo(() => powerOf(id));
              onCleanup(() => rows.delete(id));
              return (
                <Show when={device()}>
                  {(found) => (
                    <li
                      ref={(row) => rows.set(id, row)}
                      class={styles.row}
                      data-testid="device-row"
                      data-meter-id={found().meter.id}
                      data-channel-id={id}
                    >
                      <DeviceRow
                        name={deviceName(found())}
                        detail={channelsOf(found().meter).length > 1 ? found().meter.name : undefined}
                        icon={guessIcon(found().channel.role, deviceName(found()), id)}
                        powerW={powerW()}
                        share={powerW() / strongestW()}
                        href={to(`/meters/${encodeURIComponent(found().meter.id)}`)}
                      />
                    </li>
                  )}
                </Show>
              );
            }}
          </For>
        </ol>
      </Show>
      <Show when={props.restW !== null && restW() >= ON_W}>
        <DeviceRow
          name={t("now.everythingElse")}
          detail={t("now.everythingElseHint")}
          icon="rest"
          powerW={restW()}
          share={restW() / strongestW()}
        />
      </Show>
    </section>
  );
}

function glide(row: HTMLElement, fromY: number): void {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  row.animate([{ transform: `translateY(${fromY}px)` }, { transform: "none" }], {
    duration: 520,
    easing: "cubic-bezier(0.22, 0.9, 0.3, 1)",
  });
}
