import { For, Match, Show, Switch } from "solid-js";
import styles from "./step-picture.module.css";
import type { Picture } from "./steps.ts";

const ROW = 26;

/** A screen, drawn as little as it takes to know it again: its rows, and the one to tap. */
export function StepPicture(props: { picture: Picture }) {
  const isPhone = () => props.picture.frame === "phone";
  const width = () => (isPhone() ? 150 : 190);
  const top = () => (isPhone() ? 30 : 34);
  const height = () => top() + props.picture.rows.length * ROW + 16;
  return (
    <svg
      class={styles.picture}
      viewBox={`0 0 ${width()} ${height()}`}
      aria-hidden="true"
      data-frame={props.picture.frame}
    >
      <rect class={styles.frame} x="2" y="2" width={width() - 4} height={height() - 4} rx={isPhone() ? 20 : 10} />
      <Show
        when={isPhone()}
        fallback={
          <>
            <line class={styles.edge} x1="2" x2={width() - 2} y1="22" y2="22" />
            <For each={[14, 24, 34]}>{(x) => <circle class={styles.dot} cx={x} cy="12" r="3" />}</For>
          </>
        }
      >
        <rect class={styles.dot} x="58" y="10" width="34" height="7" rx="3.5" />
      </Show>
      <For each={props.picture.rows}>
        {(text, index) => (
          <Row
            text={text}
            y={top() + index() * ROW}
            width={width()}
            lit={index() === props.picture.lit}
            control={props.picture.control}
          />
        )}
      </For>
    </svg>
  );
}

interface RowProps {
  text: string | null;
  y: number;
  width: number;
  lit: boolean;
  control: Picture["control"];
}

function Row(props: RowProps) {
  const right = () => props.width - 14;
  const isButton = () => props.lit && props.control === "button";
  return (
    <>
      <rect
        class={props.lit ? styles.lit : styles.row}
        x="12"
        y={props.y}
        width={props.width - 24}
        height={ROW - 5}
        rx={isButton() ? (ROW - 5) / 2 : 5}
      />
      <Show
        when={props.text}
        fallback={<rect class={styles.blank} x="20" y={props.y + 8} width={props.width * 0.42} height="5" rx="2.5" />}
      >
        {(text) => (
          <text
            class={props.lit ? styles.litText : styles.text}
            x={isButton() ? props.width / 2 : 20}
            y={props.y + 14.5}
            text-anchor={isButton() ? "middle" : "start"}
          >
            {text()}
          </text>
        )}
      </Show>
      <Show when={props.lit}>
        <Switch>
          <Match when={props.control === "row"}>
            <path class={styles.arrow} d={`M${right() - 10} ${props.y + 6.5}l4 4-4 4`} />
          </Match>
          <Match when={props.control === "toggle"}>
            <rect class={styles.toggle} x={right() - 28} y={props.y + 4} width="22" height="13" rx="6.5" />
            <circle class={styles.knob} cx={right() - 12.5} cy={props.y + 10.5} r="5" />
          </Match>
          <Match when={props.control === "check"}>
            <path class={styles.arrow} d={`M${right() - 16} ${props.y + 10.5}l3.5 3.5 6.5-7`} />
          </Match>
        </Switch>
      </Show>
    </>
  );
}
