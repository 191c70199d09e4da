import { type JSX, Show } from "solid-js";
import { t } from "../../i18n/text.ts";
import styles from "./door.module.css";
import { DoorHouse } from "./door-house.tsx";
import { DoorTop } from "./door-top.tsx";

export interface DoorProps {
  title: string;
  lead?: string | undefined;
  /** How much of the house is lit, 0…1: it fills as one comes in. */
  lit: number;
  children: JSX.Element;
  foot?: JSX.Element;
}

/** Every page outside the home: its house, and one thing to do. */
export function Door(props: DoorProps) {
  return (
    <div class={styles.door}>
      <DoorTop />
      <div class={styles.art}>
        <DoorHouse lit={props.lit} />
        <p>{t("door.motto")}</p>
      </div>
      <main id="main" class={styles.main} tabindex="-1">
        <div class={styles.words}>
          <h1>{props.title}</h1>
          <Show when={props.lead}>{(lead) => <p>{lead()}</p>}</Show>
        </div>
        {props.children}
        <Show when={props.foot}>
          <div class={styles.foot}>{props.foot}</div>
        </Show>
      </main>
    </div>
  );
}
