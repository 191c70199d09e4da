import type { JSX } from "solid-js";
import styles from "./countdown-ring.module.css";

const RADIUS = 44;
const LENGTH = 2 * Math.PI * RADIUS;

/** A ring that empties, with what is left in its middle. */
export function CountdownRing(props: { share: number; children: JSX.Element }) {
  return (
    <div class={styles.ring}>
      <svg viewBox="0 0 100 100" aria-hidden="true">
        <circle class={styles.track} cx="50" cy="50" r={RADIUS} />
        <circle
          class={styles.left}
          cx="50"
          cy="50"
          r={RADIUS}
          stroke-dasharray={`${LENGTH} ${LENGTH}`}
          stroke-dashoffset={LENGTH * (1 - Math.min(1, Math.max(0, props.share)))}
          transform="rotate(-90 50 50)"
        />
      </svg>
      <div>{props.children}</div>
    </div>
  );
}
