import { Show } from "solid-js";
import { t } from "../../i18n/text.ts";
import type { Language, Theme } from "../../state/settings.ts";
import { Icon } from "../icon.tsx";
import { Segments } from "../segments.tsx";
import styles from "./settings-sheet.module.css";

export interface SettingsSheetProps {
  language: Language;
  theme: Theme;
  hubVersion: string | null;
  /** Receives the dialog, so that its opener can show it. */
  ref: (dialog: HTMLDialogElement) => void;
  onLanguage: (language: Language) => void;
  onTheme: (theme: Theme) => void;
}

export function SettingsSheet(props: SettingsSheetProps) {
  let sheet!: HTMLDialogElement;

  function closeOnBackdrop(event: MouseEvent): void {
    if (event.target === sheet) sheet.close();
  }

  return (
    <dialog
      ref={(dialog) => {
        sheet = dialog;
        dialog.addEventListener("click", closeOnBackdrop);
        props.ref(dialog);
      }}
      class={styles.sheet}
      aria-labelledby="settings-title"
    >
      <div class={styles.body}>
        <header>
          <h2 id="settings-title">{t("settings.title")}</h2>
          <button type="button" aria-label={t("settings.close")} onClick={() => sheet.close()}>
            <Icon name="close" />
          </button>
        </header>
        <Segments
          legend={t("settings.language")}
          name="language"
          value={props.language}
          options={[
            { value: "th", label: "ไทย", lang: "th" },
            { value: "en", label: "English", lang: "en" },
          ]}
          onChoose={(language) => props.onLanguage(language)}
        />
        <Segments
          legend={t("settings.theme")}
          name="theme"
          value={props.theme}
          options={[
            { value: "system", label: t("settings.themeSystem") },
            { value: "light", label: t("settings.themeLight") },
            { value: "dark", label: t("settings.themeDark") },
          ]}
          onChoose={(theme) => props.onTheme(theme)}
        />
        <Show when={props.hubVersion}>
          {(version) => <p class={styles.version}>{t("settings.version", { version: version() })}</p>}
        </Show>
      </div>
    </dialog>
  );
}
