import { createEffect, createMemo, Match, on, onCleanup, Switch } from "solid-js";
import { ConnectionPill } from "./components/connection-pill.tsx";
import { SettingsSheet } from "./components/shell/settings-sheet.tsx";
import { Shell } from "./components/shell/shell.tsx";
import { t } from "./i18n/text.ts";
import { MeterPage } from "./pages/meters/meter-page.tsx";
import { MetersPage } from "./pages/meters/meters-page.tsx";
import { NotFoundPage } from "./pages/not-found.tsx";
import { NowPage } from "./pages/now/now-page.tsx";
import { path, startRouter } from "./router.ts";
import { startClock } from "./state/clock.ts";
import { LiveContext, openLive } from "./state/live.ts";
import { applySettings, language, setLanguage, setTheme, theme } from "./state/settings.ts";

export function App() {
  onCleanup(startRouter());
  onCleanup(startClock());
  applySettings();
  const live = openLive(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/live`);
  let sheet: HTMLDialogElement | undefined;

  const isMeters = () => /^\/meters\/?$/.test(path());
  const meterId = createMemo(() => {
    const match = /^\/meters\/([^/]+)\/?$/.exec(path());
    return match?.[1] ? decode(match[1]) : null;
  });

  const title = () => {
    if (path() === "/") return t("nav.now");
    if (isMeters()) return t("nav.meters");
    return meterId() === null ? t("notFound.title") : (live.state.meters[meterId()!]?.name ?? t("nav.meters"));
  };
  createEffect(() => {
    document.title = `${title()} · ${t("app.name")}`;
  });
  // A new page is where a keyboard or screen reader goes on.
  createEffect(on(path, () => document.getElementById("main")?.focus({ preventScroll: true }), { defer: true }));

  return (
    <LiveContext.Provider value={live}>
      <Shell
        path={path()}
        homeName={live.state.home?.name ?? ""}
        freshness={live.freshness()}
        onSettings={() => sheet?.showModal()}
        connection={
          <ConnectionPill
            state={live.connection()}
            retryInS={live.retryInS()}
            dataAgeMs={live.dataAgeMs()}
            onRetry={live.retryNow}
          />
        }
      >
        <Switch fallback={<NotFoundPage />}>
          <Match when={path() === "/"}>
            <NowPage />
          </Match>
          <Match when={isMeters()}>
            <MetersPage />
          </Match>
          <Match when={meterId()} keyed>
            {(id) => <MeterPage meterId={id} />}
          </Match>
        </Switch>
      </Shell>
      <SettingsSheet
        ref={(dialog) => {
          sheet = dialog;
        }}
        language={language()}
        theme={theme()}
        hubVersion={live.state.hubVersion}
        onLanguage={setLanguage}
        onTheme={setTheme}
      />
    </LiveContext.Provider>
  );
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
