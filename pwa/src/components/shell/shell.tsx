import { For, type JSX } from "solid-js";
import { type Key, t } from "../../i18n/text.ts";
import type { Freshness } from "../../state/live.ts";
import { BrandMark } from "../brand-mark.tsx";
import { Icon, type IconName } from "../icon.tsx";
import styles from "./shell.module.css";

export interface ShellProps {
  path: string;
  homeName: string;
  freshness: Freshness;
  connection: JSX.Element;
  children: JSX.Element;
  onSettings: () => void;
}

const tabs: { href: string; icon: IconName; label: Key; holds: (path: string) => boolean }[] = [
  { href: "/", icon: "now", label: "nav.now", holds: (path) => path === "/" },
  { href: "/meters", icon: "meters", label: "nav.meters", holds: (path) => path.startsWith("/meters") },
];

/** What stays around every page: the name, the connection, and the way between pages. */
export function Shell(props: ShellProps) {
  return (
    <div class={styles.shell}>
      <a class={styles.skip} href="#main" target="_self">
        {t("app.skip")}
      </a>
      <header class={styles.top}>
        <a class={styles.brand} href="/">
          <BrandMark />
          <span lang="th">ไฟบ้าน</span>
        </a>
        <span class={styles.home}>{props.homeName}</span>
        {props.connection}
        <button type="button" class={styles.settings} aria-label={t("nav.settings")} onClick={() => props.onSettings()}>
          <Icon name="settings" />
        </button>
      </header>
      <nav class={styles.tabs} aria-label={t("app.navigation")}>
        <For each={tabs}>
          {(tab) => (
            <a href={tab.href} aria-current={tab.holds(props.path) ? "page" : undefined}>
              <span class={styles.tabIcon}>
                <Icon name={tab.icon} />
              </span>
              {t(tab.label)}
            </a>
          )}
        </For>
      </nav>
      <main id="main" class={styles.main} tabindex="-1" data-freshness={props.freshness}>
        {props.children}
      </main>
    </div>
  );
}
