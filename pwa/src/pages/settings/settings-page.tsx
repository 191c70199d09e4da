import { lazy, Match, Show, Switch } from "solid-js";
import "../../i18n/access/words.ts";
import { path } from "../../router.ts";
import { can, session } from "../../state/session.ts";
import { NotAllowed } from "../not-allowed.tsx";
import { NotFoundPage } from "../not-found.tsx";
import page from "../page.module.css";
import styles from "./settings.module.css";
import { SettingsIndex } from "./settings-index.tsx";
import { YouSection } from "./you-section.tsx";

const PeopleSection = lazy(() => import("./people-section.tsx"));
const SignedInSection = lazy(() => import("./signed-in-section.tsx"));
const TokensSection = lazy(() => import("./tokens-section.tsx"));
const ActivitySection = lazy(() => import("./activity-section.tsx"));

/** Settings: on a phone a list that leads to one section at a time, on a wide window both side by side. */
export default function SettingsPage() {
  const section = () => path().slice("/settings".length).replace("/", "");
  const hasPerson = () => session() !== null;
  return (
    <div class={`${page.page} ${styles.page}`} data-section={section()}>
      <div class={styles.index}>
        <SettingsIndex section={section()} />
      </div>
      <div class={styles.section}>
        <Switch fallback={<NotFoundPage />}>
          <Match when={section() === "" || section() === "you"}>
            <Show when={hasPerson()}>
              <YouSection />
            </Show>
          </Match>
          <Match when={section() === "people"}>
            <Show when={can("people.manage")} fallback={<NotAllowed />}>
              <PeopleSection />
            </Show>
          </Match>
          <Match when={section() === "signed-in" && hasPerson()}>
            <SignedInSection />
          </Match>
          <Match when={section() === "tokens" && hasPerson()}>
            <TokensSection />
          </Match>
          <Match when={section() === "activity"}>
            <Show when={can("audit.view")} fallback={<NotAllowed />}>
              <ActivitySection />
            </Show>
          </Match>
        </Switch>
      </div>
    </div>
  );
}
