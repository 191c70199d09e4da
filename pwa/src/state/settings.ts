import { createEffect, createSignal } from "solid-js";

export type Language = "th" | "en";
export type Theme = "system" | "light" | "dark";

// The grounds of tokens.css, for the browser's own bar.
const barColour = { light: "#f8f1e4", dark: "#0e1529" };

const [language, setLanguageSignal] = createSignal<Language>(firstLanguage());
const [theme, setThemeSignal] = createSignal<Theme>(firstTheme());

export { language, theme };

export function setLanguage(value: Language): void {
  setLanguageSignal(value);
  write("faiban.language", value);
}

/** Takes the language of who signed in, unless another was chosen on this device. */
export function adoptLanguage(value: Language): void {
  if (read("faiban.language") === null) setLanguage(value);
}

export function setTheme(value: Theme): void {
  setThemeSignal(value);
  write("faiban.theme", value);
}

/** Keeps the document's language, theme and bar colour as chosen; call inside a root. */
export function applySettings(): void {
  createEffect(() => {
    document.documentElement.lang = language();
  });
  createEffect(() => {
    const chosen = theme();
    if (chosen === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = chosen;
    for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) {
      const own = meta.media.includes("dark") ? "dark" : "light";
      meta.content = barColour[chosen === "system" ? own : chosen];
    }
  });
}

function firstLanguage(): Language {
  const stored = read("faiban.language");
  if (stored === "th" || stored === "en") return stored;
  return globalThis.navigator?.language?.toLowerCase().startsWith("th") ? "th" : "en";
}

function firstTheme(): Theme {
  const stored = read("faiban.theme");
  return stored === "light" || stored === "dark" ? stored : "system";
}

// Storage throws when cookies are blocked, and is absent outside a browser.
function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // The choice then lasts for this visit only.
  }
}
