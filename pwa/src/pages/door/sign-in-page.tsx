import { createMemo, createSignal, Show } from "solid-js";
import { Form } from "../../components/form/form.tsx";
import { PasswordField } from "../../components/form/password-field.tsx";
import { TextField } from "../../components/form/text-field.tsx";
import "../../i18n/access/words.ts";
import { t } from "../../i18n/text.ts";
import { createAction } from "../../state/action.ts";
import { RequestFailure } from "../../state/api.ts";
import { tickMs } from "../../state/clock.ts";
import { hub, leaving, signIn } from "../../state/session.ts";
import styles from "./door.module.css";
import { Door } from "./door.tsx";
import { TrustLink } from "./trust-link.tsx";

/** Signing in. The page's address stays, so that it is shown right after. */
export default function SignInPage() {
  const [name, setName] = createSignal("");
  const [password, setPassword] = createSignal("");
  const [isTried, setTried] = createSignal(false);
  const [waitUntilMs, setWaitUntilMs] = createSignal(0);
  const waitS = createMemo(() => Math.max(0, Math.ceil((waitUntilMs() - tickMs()) / 1000)));

  const send = createAction(async () => {
    try {
      await signIn({ name: name().trim(), password: password() });
    } catch (reason) {
      if (reason instanceof RequestFailure && reason.code === "TOO_MANY_ATTEMPTS") {
        setWaitUntilMs(Date.now() + (reason.waitS ?? 0) * 1000);
      }
      throw reason;
    }
  });

  const error = () => (waitS() > 0 ? t("signIn.wait", { seconds: waitS() }) : send.error());
  const nameProblem = () => (isTried() && !name().trim() ? t("door.nameMissing") : null);
  const passwordProblem = () => (isTried() && !password() ? t("signIn.passwordMissing") : null);

  return (
    <Door
      title={hub()?.home?.name ?? t("signIn.title")}
      lead={t("signIn.lead")}
      lit={send.busy() ? 1 : 0.5}
      foot={
        <>
          <p>{t("signIn.forgot")}</p>
          <TrustLink />
        </>
      }
    >
      <Show when={leaving()}>
        {(why) => (
          <p class={styles.said} role="status">
            {t(`signIn.${why()}`)}
          </p>
        )}
      </Show>
      <Form
        onSubmit={() => {
          setTried(true);
          if (name().trim() && password()) void send.run();
        }}
        submit={t(send.busy() ? "signIn.busy" : "signIn.submit")}
        busy={send.busy()}
        disabled={waitS() > 0}
        error={error()}
        wide
      >
        <TextField
          label={t("door.name")}
          name="username"
          value={name()}
          onInput={setName}
          autocomplete="username"
          problem={nameProblem()}
          first
        />
        <PasswordField
          label={t("door.password")}
          value={password()}
          onInput={setPassword}
          problem={passwordProblem()}
        />
      </Form>
    </Door>
  );
}
