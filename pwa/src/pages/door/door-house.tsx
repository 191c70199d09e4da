import { createOutline, house } from "../../components/gauge/outline.ts";
import styles from "./door.module.css";

const wall = createOutline(house);
const WHOLE = 1000;

/** The house of the gauge, its lamp lit and its outline filling. */
export function DoorHouse(props: { lit: number }) {
  const dash = () => `${Math.min(1, Math.max(0, props.lit)) * WHOLE} ${2 * WHOLE}`;
  return (
    <svg class={styles.house} viewBox="20 16 360 300" aria-hidden="true">
      <circle class={styles.halo} cx="200" cy="205" r="120" />
      <circle class={styles.halo} cx="200" cy="205" r="84" />
      <circle class={styles.halo} cx="200" cy="205" r="52" />
      <circle class={styles.lamp} cx="200" cy="205" r="24" />
      <path class={styles.wall} d={wall.path} />
      <path class={styles.light} d={wall.path} pathLength={WHOLE} stroke-dasharray={dash()} />
    </svg>
  );
}
