import { For } from "solid-js";
import styles from "./segments.module.css";

export interface SegmentsProps<T extends string> {
  legend: string;
  name: string;
  value: T;
  options: { value: T; label: string; lang?: string }[];
  onChoose: (value: T) => void;
}

/** A choice of few: radio buttons side by side. */
export function Segments<T extends string>(props: SegmentsProps<T>) {
  return (
    <fieldset class={styles.segments} data-testid={props.name}>
      <legend>{props.legend}</legend>
      <div class={styles.row}>
        <For each={props.options}>
          {(option) => (
            <label lang={option.lang}>
              <input
                type="radio"
                name={props.name}
                value={option.value}
                checked={props.value === option.value}
                onChange={() => props.onChoose(option.value)}
              />
              <span>{option.label}</span>
            </label>
          )}
        </For>
      </div>
    </fieldset>
  );
}
