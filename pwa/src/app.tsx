import { createMemo, ErrorBoundary, lazy, Match, onCleanup, Suspense, Switch } from "solid-js";
import { Inside } from "./inside.tsx";
import { NotLoaded } from "./pages/not-loaded.tsx";
import { Unreachable } from "./pages/unreachable.tsx";
import { decodePart, path, startRouter } from "./router.ts";
import { startClock } from "./state/clock.ts";
import { createDoor, startSession } from "./state/session.ts";
import { applySettings } from "./state/settings.ts";

const ClaimPage = lazy(() => import("./pages/door/claim-page.tsx"));
const SignInPage = lazy(() => import("./pages/door/sign-in-page.tsx"));
const JoinPage = lazy(() => import("./pages/door/join-page.tsx"));
const TrustAlone = lazy(() => import("./pages/trust/trust-alone.tsx"));

/** The home for who may be inside; else the door that leads there. The address stays, so that it is shown right after. */
export function App() {
  onCleanup(startRouter());
  onCleanup(startClock());
  onCleanup(startSession());
  applySettings();
  const door = createDoor();

  const invitation = createMemo(() => {
    const match = /^\/join\/([^/]+)$/.exec(path());
    return match?.[1] ? decodePart(match[1]) : null;
  });
  const isInside = () => door() === "signed-in" || (door() === "open" && path() !== "/claim");
  const isClaiming = () => door() === "unclaimed" || (door() === "open" && path() === "/claim");

  return (
    <ErrorBoundary fallback={(error) => <NotLoaded error={error} />}>
      <Suspense>
        <Switch>
          <Match when={invitation()} keyed>
            {(code) => <JoinPage code={code} />}
          </Match>
          <Match when={isInside()}>
            <Inside />
          </Match>
          <Match when={path() === "/trust"}>
            <TrustAlone />
          </Match>
          <Match when={isClaiming()}>
            <ClaimPage />
          </Match>
          <Match when={door() === "signed-out"}>
            <SignInPage />
          </Match>
          <Match when={door() === "unreachable"}>
            <Unreachable />
          </Match>
        </Switch>
      </Suspense>
    </ErrorBoundary>
  );
}
