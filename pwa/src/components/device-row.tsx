import { createMemo, Show } from "solid-js";
import { joined, power } from "../format/quantity.ts";
import styles from "./device-row.module.css";
import { Icon, type IconName } from "./icon.tsx";

export interface DeviceRowProps {
  name: string;
  detail?: string | undefined;
  icon: IconName;
  powerW: number;
  /** Of the strongest in the list, 0…1. */
  share: number;
  /** Where it leads; absent for what has no page. */
  href?: string;
}

/** One thing that draws power: how much, and how much beside the others. */
export function DeviceRow(props: DeviceRowProps) {
  // In hundredths: what cannot be seen need not be drawn anew.
  const share = createMemo(() => Math.round(props.share * 100) / 100);
  const inside = () => (
    <>
      <span class={styles.icon} style={{ "--share": share() }}>
        <Icon name={props.icon} />
      </span>
      <span class={styles.name}>
        {props.name}
        <Show when={props.detail}>
          <small>{props.detail}</small>
        </Show>
      </span>
      <span class={styles.power}>{joined(power(props.powerW))}</span>
      <span class={styles.bar} aria-hidden="true">
        <span style={{ transform: `scaleX(${share()})` }} />
      </span>
    </>
  );
  return (
    <Show when={props.href} fallback={<div class={`${styles.row} ${styles.rest}`}>{inside()}</div>}>
      {(href) => (
        <a class={styles.row} href={href()}>
          {inside()}
        </a>
      )}
    </Show>
  );
}
