import { Skeleton } from "../../components/skeleton.tsx";
import styles from "./now-page.module.css";
import skeleton from "./now-skeleton.module.css";

/** The page's shape while the first snapshot is on its way. */
export function NowSkeleton() {
  return (
    <div class={styles.page} aria-busy="true">
      <div class={styles.moment}>
        <svg class={skeleton.house} viewBox="0 24 400 306" aria-hidden="true">
          <path d="M48 300V195a74 74 0 0 1 30-59L161 73a64 64 0 0 1 78 0l83 63a74 74 0 0 1 30 59v105" />
        </svg>
        <Skeleton height="6.5rem" />
      </div>
      <div class={styles.day}>
        <Skeleton height="10rem" />
        <Skeleton height="16rem" />
      </div>
    </div>
  );
}
