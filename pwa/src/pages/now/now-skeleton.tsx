import { Skeleton } from "../../components/skeleton.tsx";
import styles from "./now-page.module.css";
import skeleton from "./now-skeleton.module.css";

/** The page's shape while the first snapshot is on its way. */
export function NowSkeleton() {
  return (
    <div class={styles.page} aria-busy="true">
      <div class={styles.hero}>
        <svg class={skeleton.house} viewBox="0 0 400 330" aria-hidden="true">
          <path d="M48 300V195a74 74 0 0 1 30-59L161 73a64 64 0 0 1 78 0l83 63a74 74 0 0 1 30 59v105" />
        </svg>
      </div>
      <div class={styles.curve}>
        <Skeleton height="10rem" />
      </div>
      <div class={styles.ledger}>
        <Skeleton height="6.5rem" />
      </div>
      <div class={styles.devices}>
        <Skeleton height="16rem" />
      </div>
    </div>
  );
}
