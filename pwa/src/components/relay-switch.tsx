import styles from "./relay-switch.module.css";

export interface RelaySwitchProps {
  label: string;
  /** As the device reports, also while a command is under way. */
  isOn: boolean;
  /** A command is under way. */
  isMoving: boolean;
  /** Why it cannot be switched; null when it can. */
  locked: string | null;
  /** Id of the words that tell more. */
  describedBy: string;
  onPress: () => void;
}

/** A switch that shows what is, and not what was wished: its thumb waits half-way until the device has answered. */
export function RelaySwitch(props: RelaySwitchProps) {
  return (
    <button
      type="button"
      role="switch"
      class={styles.switch}
      aria-label={props.label}
      aria-checked={props.isOn}
      aria-busy={props.isMoving}
      // And not `disabled`: the keyboard still comes to it, and the reason is read out.
      aria-disabled={props.locked !== null}
      aria-describedby={props.describedBy}
      title={props.locked ?? undefined}
      onClick={() => props.onPress()}
    >
      <span class={styles.track}>
        <span class={styles.thumb} />
      </span>
    </button>
  );
}
