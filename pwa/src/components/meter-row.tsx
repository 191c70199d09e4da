import { Show } from "solid-js";
import type { Meter } from "../../../hub/src/api/contract.ts";
import { count, joined, power } from "../format/quantity.ts";
import { t } from "../i18n/text.ts";
import { to } from "../router.ts";
import { AvailabilityWord } from "./availability-word.tsx";
import { Icon, type IconName } from "./icon.tsx";
import styles from "./meter-row.module.css";

export interface MeterRowProps {
  id: string;
  name: string;
  icon: IconName;
  availability: Meter["availability"];
  /** Null shows a dash. */
  powerW: number | null;
  /** Whether the power is of now. */
  current: boolean;
  seenAgeMs: number;
  rejectedCount: number;
  /** The inputs of a meter with several. */
  inputs: string[];
  supply: boolean;
  /** What went wrong with its switch, which stands in the place of the availability; for rows with a switch. */
  problem?: string | null | undefined;
  problemId?: string | undefined;
}

export function MeterRow(props: MeterRowProps) {
  return (
    <a
      class={styles.row}
      href={to(`/meters/${encodeURIComponent(props.id)}`)}
      data-testid="meter-row"
      data-meter-id={props.id}
      data-availability={props.availability}
    >
      <span class={styles.icon} classList={{ [styles.supply!]: props.supply }}>
        <Icon name={props.icon} />
      </span>
      <span class={styles.words}>
        <span class={styles.name}>{props.name}</span>
        <span data-live id={props.problemId}>
          <Show
            when={props.problem}
            fallback={<AvailabilityWord availability={props.availability} seenAgeMs={props.seenAgeMs} />}
          >
            <span class={styles.problem} role="alert">
              {props.problem}
            </span>
          </Show>
        </span>
        <Show when={props.inputs.length > 1}>
          <span class={styles.inputs}>{props.inputs.join(" · ")}</span>
        </Show>
        <Show when={props.rejectedCount > 0}>
          <span class={styles.rejected}>
            <Icon name="alert" size={14} />
            {t("meters.rejected", { count: count(props.rejectedCount) })}
          </span>
        </Show>
      </span>
      <span
        class={styles.power}
        classList={{ [styles.old!]: !props.current }}
        data-live
        data-testid="meter-power"
        data-value={props.powerW ?? ""}
      >
        {props.powerW === null ? "–" : joined(power(props.powerW))}
      </span>
    </a>
  );
}
