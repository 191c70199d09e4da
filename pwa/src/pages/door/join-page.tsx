import { createSignal, Match, Show, Switch } from "solid-js";
import type { InvitationFace } from "../../../../hub/src/api/contract.ts";
import buttons from "../../components/buttons.module.css";
import { Form } from "../../components/form/form.tsx";
import { PasswordField } from "../../components/form/password-field.tsx";
import { TextField } from "../../components/form/text-field.tsx";
import { Icon } from "../../components/icon.tsx";
import { RequestNote } from "../../components/note.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import "../../i18n/access/words.ts";
import { t } from "../../i18n/text.ts";
import { navigate, to } from "../../router.ts";
import { createAction } from "../../state/action.ts";
import { getJson, isFailure } from "../../state/api.ts";
import { createRemote } from "../../state/remote.ts";
import { join, session } from "../../state/session.ts";
import { language } from "../../state/settings.ts";
import styles from "./door.module.css";
import { Door } from "./door.tsx";
import { nameProblem, passwordProblem } from "./problems.ts";

/** An invitation: who invites to what, and coming in. */
export default function JoinPage(props: { code: string }) {
  const face = createRemote(() => getJson<InvitationFace>(`/api/join/${encodeURIComponent(props.code)}`));
  const isGone = () => isFailure(face.error(), "INVITATION_ENDED") || isFailure(face.error(), "NOT_FOUND");
  return (
    <Switch
      fallback={
        <Door title={t("join.loading")} lit={0.2}>
          <Skeleton height="14rem" />
        </Door>
      }
    >
      <Match when={session()}>
        {(here) => (
          <Door title={t("join.alreadyTitle")} lead={t("join.already", { name: here().person.name })} lit={1}>
            <a class={`${buttons.primary} ${buttons.wide}`} href={to("/")}>
              {t("join.goHome")}
            </a>
          </Door>
        )}
      </Match>
      <Match when={isGone()}>
        <Door title={t("join.goneTitle")} lead={t("join.gone")} lit={0}>
          <a class={`${buttons.quiet} ${buttons.wide}`} href={to("/")}>
            {t("signIn.submit")}
          </a>
        </Door>
      </Match>
      <Match when={face.error()}>
        <Door title={t("join.loading")} lit={0.2}>
          <RequestNote title={t("join.failed")} error={face.error()} onRetry={face.reload} />
        </Door>
      </Match>
      <Match when={face.value()}>{(found) => <Joining code={props.code} face={found()} />}</Match>
    </Switch>
  );
}

function Joining(props: { code: string; face: InvitationFace }) {
  const [name, setName] = createSignal("");
  const [password, setPassword] = createSignal("");
  const [isTried, setTried] = createSignal(false);
  const shown = (problem: string | null) => (isTried() ? problem : null);

  const send = createAction(async () => {
    await join(props.code, { name: name().trim(), password: password(), language: language() });
    navigate("/", { replace: true });
  });

  return (
    <Door
      title={props.face.homeName}
      lead={t("join.lead", { name: props.face.createdBy })}
      lit={send.busy() ? 1 : 0.5}
      foot={
        <p>
          {t("join.haveOne")} <a href={to("/")}>{t("signIn.submit")}</a>
        </p>
      }
    >
      <p class={styles.role}>
        <Icon name="home" size={28} />
        <span>
          <strong>{t(`person.${props.face.role}`)}</strong>
          {t(`person.${props.face.role}What`)}
        </span>
      </p>
      <Form
        onSubmit={() => {
          setTried(true);
          if (!nameProblem(name()) && !passwordProblem(password())) void send.run();
        }}
        submit={t(send.busy() ? "join.busy" : "join.submit")}
        busy={send.busy()}
        error={send.error()}
        wide
      >
        <TextField
          label={t("door.name")}
          name="username"
          value={name()}
          onInput={setName}
          autocomplete="username"
          problem={shown(nameProblem(name()))}
          first
        />
        <PasswordField
          label={t("door.password")}
          value={password()}
          onInput={setPassword}
          known={name()}
          problem={shown(passwordProblem(password()))}
          isNew
        />
        <Show when={props.face.role === "installer"}>
          <p class={styles.said}>{t("join.installer")}</p>
        </Show>
      </Form>
    </Door>
  );
}
