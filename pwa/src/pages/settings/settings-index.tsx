import { For, type JSX, Show } from "solid-js";
import buttons from "../../components/buttons.module.css";
import form from "../../components/form/form.module.css";
import { Icon, type IconName } from "../../components/icon.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Segments } from "../../components/segments.tsx";
import { type Key, t } from "../../i18n/text.ts";
import { to } from "../../router.ts";
import { createAction } from "../../state/action.ts";
import { patchJson } from "../../state/api.ts";
import { useLive } from "../../state/live.ts";
import { can, session, signOut } from "../../state/session.ts";
import { type Language, language, setLanguage, setTheme, theme } from "../../state/settings.ts";
import styles from "./settings.module.css";

interface Entry {
  page: string;
  icon: IconName;
  title: Key;
  what: Key;
  isShown: () => boolean;
}

const hasPerson = () => session() !== null;
const ofHome: Entry[] = [
  entry("/settings/people", "people", "settings.people", "settings.peopleWhat", () => can("people.manage")),
  entry("/devices", "plug", "settings.devices", "settings.devicesWhat", () => can("meters.manage")),
  entry("/trust", "shield", "settings.trust", "settings.trustWhat", () => true),
  entry("/settings/activity", "activity", "settings.activity", "settings.activityWhat", () => can("audit.view")),
];
const ofPerson: Entry[] = [
  entry("/settings/signed-in", "phone", "settings.signedIn", "settings.signedInWhat", hasPerson),
  entry("/settings/tokens", "key", "settings.tokens", "settings.tokensWhat", hasPerson),
];

function entry(page: string, icon: IconName, title: Key, what: Key, isShown: () => boolean): Entry {
  return { page, icon, title, what, isShown };
}

/** Who is here, and the way to every setting. What changes how things look is set right here. */
export function SettingsIndex(props: { section: string }) {
  const live = useLive();
  const leave = createAction(signOut);
  return (
    <nav class={styles.list} aria-label={t("settings.title")}>
      <PageHead title={t("settings.title")} />
      <Show when={session()}>
        {(here) => (
          <a class={styles.me} href={to("/settings/you")} aria-current={current("/settings/you", props.section)}>
            <Initial name={here().person.name} />
            <span>
              <strong>{here().person.name}</strong>
              <small>
                {t(`person.${here().role}`)} · {here().home.name}
              </small>
            </span>
            <Icon name="next" size={18} />
          </a>
        )}
      </Show>
      <Group title={t("settings.forDevice")}>
        <div class={styles.looks}>
          <Segments
            legend={t("settings.language")}
            name="language"
            value={language()}
            options={[
              { value: "th", label: "ไทย", lang: "th" },
              { value: "en", label: "English", lang: "en" },
            ]}
            onChoose={chooseLanguage}
          />
          <Segments
            legend={t("settings.theme")}
            name="theme"
            value={theme()}
            options={[
              { value: "system", label: t("settings.themeSystem") },
              { value: "light", label: t("settings.themeLight") },
              { value: "dark", label: t("settings.themeDark") },
            ]}
            onChoose={setTheme}
          />
        </div>
      </Group>
      <Group title={t("settings.forHome")}>
        <Entries entries={ofHome} section={props.section} />
      </Group>
      <Show when={hasPerson()}>
        <Group title={t("settings.forYou")}>
          <Entries entries={ofPerson} section={props.section} />
        </Group>
        <div class={styles.leave}>
          <button type="button" class={buttons.quiet} disabled={leave.busy()} onClick={() => void leave.run()}>
            <Icon name="leave" size={20} />
            {t("settings.signOut")}
          </button>
          <p class={form.problem} role="alert">
            {leave.error()}
          </p>
        </div>
      </Show>
      <Show when={live.state.hubVersion}>
        {(version) => <p class={styles.version}>{t("settings.version", { version: version() })}</p>}
      </Show>
    </nav>
  );
}

function Group(props: { title: string; children: JSX.Element }) {
  return (
    <section class={styles.group}>
      <h2>{props.title}</h2>
      <div class={styles.rows}>{props.children}</div>
    </section>
  );
}

function Entries(props: { entries: Entry[]; section: string }) {
  return (
    <For each={props.entries.filter((one) => one.isShown())}>
      {(one) => (
        <a class={styles.entry} href={to(one.page)} aria-current={current(one.page, props.section)}>
          <Icon name={one.icon} />
          <span>
            <strong>{t(one.title)}</strong>
            <small>{t(one.what)}</small>
          </span>
          <Icon name="next" size={18} />
        </a>
      )}
    </For>
  );
}

/** The first letter of a name, as a face. Thai vowels before a consonant do not stand alone. */
export function Initial(props: { name: string }) {
  const letter = () => /[^\s\u0E31\u0E34-\u0E3A\u0E40-\u0E4E]/u.exec(props.name)?.[0] ?? "?";
  return (
    <span class={styles.initial} aria-hidden="true">
      {letter().toUpperCase()}
    </span>
  );
}

function current(to: string, section: string): "page" | undefined {
  return to === `/settings/${section}` ? "page" : undefined;
}

/** The language of this device, and of what the hub tells the person elsewhere. */
function chooseLanguage(value: Language): void {
  setLanguage(value);
  // It is shown at once; a hub that is away learns it the next time.
  if (session()) patchJson("/api/me", { language: value }).catch(() => {});
}
