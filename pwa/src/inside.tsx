import { createEffect, createMemo, ErrorBoundary, lazy, Match, on, Show, Suspense, Switch } from "solid-js";
import { socketAddress } from "./base.ts";
import { ConnectionPill } from "./components/connection-pill.tsx";
import { DemoBanner } from "./components/shell/demo-banner.tsx";
import { Shell } from "./components/shell/shell.tsx";
import { Skeleton } from "./components/skeleton.tsx";
import { t } from "./i18n/text.ts";
import { MeterPage } from "./pages/meters/meter-page.tsx";
import { MetersPage } from "./pages/meters/meters-page.tsx";
import { NotFoundPage } from "./pages/not-found.tsx";
import { NotLoaded } from "./pages/not-loaded.tsx";
import { NowPage } from "./pages/now/now-page.tsx";
import { decodePart, navigate, path } from "./router.ts";
import { LiveContext, openLive } from "./state/live.ts";
import { can, checkSession, session } from "./state/session.ts";

const SettingsPage = lazy(() => import("./pages/settings/settings-page.tsx"));
const DevicePages = lazy(() => import("./pages/devices/device-pages.tsx"));
const TrustPage = lazy(() => import("./pages/trust/trust-page.tsx"));

const isBelow = (root: string) => path() === root || path().startsWith(`${root}/`);

/** The home, for who is in it. */
export function Inside() {
  const live = openLive(socketAddress(document.baseURI), checkSession);
  const meterId = createMemo(() => {
    const match = /^\/meters\/([^/]+)$/.exec(path());
    return match?.[1] ? decodePart(match[1]) : null;
  });

  const title = () => {
    if (path() === "/") return t("nav.now");
    if (path() === "/meters") return t("nav.meters");
    if (isBelow("/settings")) return t("nav.settings");
    if (isBelow("/devices")) return t("nav.devices");
    if (path() === "/trust") return t("nav.trust");
    const id = meterId();
    return id === null ? t("notFound.title") : (live.state.meters[id]?.name ?? t("nav.meters"));
  };
  createEffect(() => {
    document.title = `${title()} · ${t("app.name")}`;
  });
  // A new page is where a keyboard or screen reader goes on.
  createEffect(on(path, () => document.getElementById("main")?.focus({ preventScroll: true }), { defer: true }));
  // Where an invitation or the first visit has ended, and what an installer has instead of the home.
  createEffect(() => {
    if (path() === "/claim") navigate("/", { replace: true });
    if (path() === "/" && !can("home.view")) navigate("/meters", { replace: true });
  });

  return (
    <LiveContext.Provider value={live}>
      <Shell
        path={path()}
        homeName={live.state.home?.name ?? session()?.home.name ?? ""}
        freshness={live.freshness()}
        banner={<Show when={!session()}>{<DemoBanner />}</Show>}
        connection={
          <ConnectionPill
            state={live.connection()}
            retryInS={live.retryInS()}
            dataAgeMs={live.dataAgeMs()}
            onRetry={live.retryNow}
          />
        }
      >
        <ErrorBoundary fallback={(error) => <NotLoaded error={error} />}>
          <Suspense fallback={<Skeleton height="60vh" />}>
            <Switch fallback={<NotFoundPage />}>
              <Match when={path() === "/"}>
                <NowPage />
              </Match>
              <Match when={path() === "/meters"}>
                <MetersPage />
              </Match>
              <Match when={meterId()} keyed>
                {(id) => <MeterPage meterId={id} />}
              </Match>
              <Match when={isBelow("/settings")}>
                <SettingsPage />
              </Match>
              <Match when={isBelow("/devices")}>
                <DevicePages />
              </Match>
              <Match when={path() === "/trust"}>
                <TrustPage />
              </Match>
            </Switch>
          </Suspense>
        </ErrorBoundary>
      </Shell>
    </LiveContext.Provider>
  );
}
