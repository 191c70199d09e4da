import { For, type JSX } from "solid-js";
import { type Key, t } from "../../i18n/text.ts";
import { to } from "../../router.ts";
import type { Freshness } from "../../state/live.ts";
import { can } from "../../state/session.ts";
import { BrandMark } from "../brand-mark.tsx";
import { Icon, type IconName } from "../icon.tsx";
import styles from "./shell.module.css";

export interface ShellProps {
  path: string;
  homeName: string;
  freshness: Freshness;
  connection: JSX.Element;
  children: JSX.Element;
  /** Above the page; nothing when there is nothing to say. */
  banner: JSX.Element;
}

interface Tab {
  page: string;
  icon: IconName;
  label: Key;
  holds: (path: string) => boolean;
  isShown: () => boolean;
}

const tabs: Tab[] = [
  { page: "/", icon: "now", label: "nav.now", holds: (path) => path === "/", isShown: () => can("home.view") },
  {
    page: "/meters",
    icon: "meters",
    label: "nav.meters",
    holds: (path) => path.startsWith("/meters"),
    isShown: () => can("meters.view"),
  },
  {
    // Who sees the home comes to the devices from the meters; an installer works with them.
    page: "/devices",
    icon: "plug",
    label: "nav.devices",
    holds: (path) => path.startsWith("/devices"),
    isShown: () => can("meters.manage") && !can("home.view"),
  },
];

function skip(event: MouseEvent): void {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

/** What stays around every page: the name, the connection, and the way between pages. */
export function Shell(props: ShellProps) {
  return (
    <div class={styles.shell}>
      <a class={styles.skip} href={`${to(props.path)}#main`} onClick={skip}>
        {t("app.skip")}
      </a>
      <header class={styles.top}>
        <a class={styles.brand} href={to("/")}>
          <BrandMark />
          <span lang="th">ไฟบ้าน</span>
        </a>
        <span class={styles.home}>{props.homeName}</span>
        {props.connection}
        <a
          class={styles.settings}
          href={to("/settings")}
          aria-label={t("nav.settings")}
          aria-current={props.path.startsWith("/settings") ? "page" : undefined}
        >
          <Icon name="settings" />
        </a>
      </header>
      <nav class={styles.tabs} aria-label={t("app.navigation")}>
        <For each={tabs.filter((tab) => tab.isShown())}>
          {(tab) => (
            <a href={to(tab.page)} aria-current={tab.holds(props.path) ? "page" : undefined}>
              <span class={styles.tabIcon}>
                <Icon name={tab.icon} />
              </span>
              {t(tab.label)}
            </a>
          )}
        </For>
      </nav>
      <main id="main" class={styles.main} tabindex="-1" data-freshness={props.freshness}>
        {props.banner}
        {props.children}
      </main>
    </div>
  );
}
