import { type JSX, Show } from "solid-js";
import { to } from "../router.ts";
import { Icon } from "./icon.tsx";
import styles from "./page-head.module.css";

export interface PageHeadProps {
  title: string;
  lead?: string | undefined;
  /** The page above this one. */
  back?: { page: string; label: string } | undefined;
  children?: JSX.Element;
}

/** What a page is, what it is for, and the way back. */
export function PageHead(props: PageHeadProps) {
  return (
    <header class={styles.head}>
      <Show when={props.back}>
        {(back) => (
          <a class={styles.back} data-back href={to(back().page)}>
            <Icon name="back" size={18} />
            {back().label}
          </a>
        )}
      </Show>
      <div class={styles.line}>
        <h1>{props.title}</h1>
        {props.children}
      </div>
      <Show when={props.lead}>{(lead) => <p class={styles.lead}>{lead()}</p>}</Show>
    </header>
  );
}
