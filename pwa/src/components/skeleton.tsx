import styles from "./skeleton.module.css";

/** Holds the place of what is on its way. */
export function Skeleton(props: { height: string }) {
  return <div class={styles.bone} style={{ height: props.height }} aria-hidden="true" />;
}
