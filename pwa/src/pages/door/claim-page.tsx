import { createSignal, Match, Switch } from "solid-js";
import type { Meter } from "../../../../hub/src/api/contract.ts";
import "../../i18n/access/words.ts";
import { t } from "../../i18n/text.ts";
import { navigate } from "../../router.ts";
import { createAction } from "../../state/action.ts";
import { getJson, isFailure } from "../../state/api.ts";
import { claim, hub } from "../../state/session.ts";
import { language } from "../../state/settings.ts";
import styles from "./door.module.css";
import { Door } from "./door.tsx";
import { firstHome, type NewHome } from "./first-home.ts";
import { HomeStep } from "./home-step.tsx";
import { TrustLink } from "./trust-link.tsx";
import { type You, YouStep } from "./you-step.tsx";

/** The first visit: who you are and what your home is, then the first meter. */
export default function ClaimPage() {
  const [step, setStep] = createSignal<"you" | "home">("you");
  const [you, setYou] = createSignal<You>({ code: codeInAddress(), name: "", password: "" });
  const [home, setHome] = createSignal<NewHome>(firstHome(hub()!, browserTimeZone(), t("claim.homeNameFirst")));

  const send = createAction(async () => {
    const { code, name, password } = you();
    const codePart = hub()?.needsCode ? { code: code.trim() } : {};
    const owner = { ...codePart, name: name.trim(), password, language: language() };
    const arrive = async () => navigate((await hasMeters()) ? "/" : "/devices/add", { replace: true });
    try {
      await claim({ ...owner, home: trimmed(home()) }, arrive);
    } catch (reason) {
      // What must be mended is on the first step.
      if (isFailure(reason, "CODE_WRONG")) setStep("you");
      throw reason;
    }
  });

  return (
    <Door
      title={t(step() === "you" ? "claim.youTitle" : "claim.homeTitle")}
      lead={t(step() === "you" ? "claim.youLead" : "claim.homeLead", { name: you().name.trim() })}
      lit={step() === "you" ? 0.3 : send.busy() ? 1 : 0.65}
      foot={<TrustLink />}
    >
      <p class={styles.steps} role="img" aria-label={t("claim.step", { step: step() === "you" ? 1 : 2 })}>
        <i data-now={step() === "you"} />
        <i data-now={step() === "home"} />
      </p>
      <Switch>
        <Match when={step() === "you"}>
          <YouStep
            you={you()}
            needsCode={hub()?.needsCode === true}
            error={send.error()}
            onChange={(part) => {
              send.clear();
              setYou({ ...you(), ...part });
            }}
            onNext={() => {
              setStep("home");
              document.getElementById("main")?.focus({ preventScroll: true });
            }}
          />
        </Match>
        <Match when={step() === "home"}>
          <HomeStep
            home={home()}
            fixed={hub()?.fixed ?? []}
            busy={send.busy()}
            error={send.error()}
            onChange={(part) => setHome({ ...home(), ...part })}
            onBack={() => setStep("you")}
            onDone={() => void send.run()}
          />
        </Match>
      </Switch>
    </Door>
  );
}

function trimmed(home: NewHome): NewHome {
  return { ...home, name: home.name.trim() };
}

/** Whether meters speak already; a hub that does not say is shown the same as a new one. */
async function hasMeters(): Promise<boolean> {
  return getJson<Meter[]>("/api/meters").then(
    (meters) => meters.length > 0,
    () => false,
  );
}

// The hub's console can show the address with its code in it, also as a QR code.
function codeInAddress(): string {
  return new URLSearchParams(location.search).get("code") ?? "";
}

function browserTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
