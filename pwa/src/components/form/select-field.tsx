import { createUniqueId, For } from "solid-js";
import { Icon } from "../icon.tsx";
import styles from "./form.module.css";
import { FieldWords } from "./text-field.tsx";

export interface SelectFieldProps<T extends string> {
  label: string;
  name: string;
  value: T;
  options: readonly { value: T; label: string }[];
  onChoose: (value: T) => void;
  hint?: string | undefined;
  disabled?: boolean;
}

/** A choice of many, as the system itself offers it. */
export function SelectField<T extends string>(props: SelectFieldProps<T>) {
  const id = createUniqueId();
  return (
    <div class={styles.field}>
      <label class={styles.label} for={id}>
        {props.label}
      </label>
      <div class={styles.box}>
        <select
          id={id}
          class={`${styles.input} ${styles.select}`}
          name={props.name}
          disabled={props.disabled ?? false}
          aria-describedby={`${id}-words`}
          onChange={(event) => props.onChoose(event.currentTarget.value as T)}
        >
          <For each={props.options}>
            {(option) => (
              <option value={option.value} selected={option.value === props.value}>
                {option.label}
              </option>
            )}
          </For>
        </select>
        <span class={styles.chevron}>
          <Icon name="down" size={20} />
        </span>
      </div>
      <FieldWords id={`${id}-words`} hint={props.hint} />
    </div>
  );
}
