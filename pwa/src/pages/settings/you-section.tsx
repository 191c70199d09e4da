import { createSignal, Show } from "solid-js";
import type { Me, Session } from "../../../../hub/src/api/contract.ts";
import buttons from "../../components/buttons.module.css";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { Form } from "../../components/form/form.tsx";
import { PasswordField } from "../../components/form/password-field.tsx";
import { TextField } from "../../components/form/text-field.tsx";
import { Icon } from "../../components/icon.tsx";
import { t } from "../../i18n/text.ts";
import { createAction } from "../../state/action.ts";
import { addressOf, deleteJson, patchJson } from "../../state/api.ts";
import { forget, keep, session } from "../../state/session.ts";
import { nameProblem, passwordProblem } from "../door/problems.ts";
import { SectionHead } from "./section-head.tsx";
import styles from "./settings.module.css";

const change = async (body: Me) => keep(await patchJson<Session>("/api/me", body));

/** The person's own name, password and data. */
export function YouSection() {
  return (
    <>
      <SectionHead title={t("settings.you")} />
      <NameCard />
      <PasswordCard />
      <DataCard />
    </>
  );
}

function NameCard() {
  const [name, setName] = createSignal(session()?.person.name ?? "");
  const [isSaved, setSaved] = createSignal(false);
  const save = createAction(async () => change({ name: name().trim() }));
  return (
    <section class={styles.card}>
      <Form
        onSubmit={async () => setSaved(!nameProblem(name()) && (await save.run()))}
        submit={t("form.save")}
        busy={save.busy()}
        disabled={name().trim() === session()?.person.name}
        error={save.error()}
        aside={<Said text={isSaved() ? t("form.saved") : ""} />}
      >
        <TextField
          label={t("you.name")}
          name="username"
          value={name()}
          onInput={(value) => {
            setSaved(false);
            setName(value);
          }}
          autocomplete="username"
          hint={t("you.nameHint")}
          problem={nameProblem(name())}
        />
      </Form>
    </section>
  );
}

function PasswordCard() {
  const [old, setOld] = createSignal("");
  const [fresh, setFresh] = createSignal("");
  const [isTried, setTried] = createSignal(false);
  const [isSaved, setSaved] = createSignal(false);
  const save = createAction(async () => {
    await change({ password: { old: old(), new: fresh() } });
    setOld("");
    setFresh("");
    setTried(false);
  });
  async function submit(): Promise<void> {
    setTried(true);
    setSaved(false);
    if (old() && !passwordProblem(fresh())) setSaved(await save.run());
  }
  return (
    <section class={styles.card}>
      <h2>{t("you.password")}</h2>
      <Form
        onSubmit={submit}
        submit={t("you.passwordChange")}
        busy={save.busy()}
        error={save.error()}
        aside={<Said text={isSaved() ? t("you.passwordChanged") : ""} />}
      >
        {/* Password managers ask whose password changes. */}
        <input
          class="visually-hidden"
          type="text"
          name="username"
          autocomplete="username"
          tabindex={-1}
          aria-label={t("you.name")}
          readonly
          value={session()?.person.name ?? ""}
        />
        <PasswordField
          label={t("you.passwordOld")}
          value={old()}
          onInput={setOld}
          problem={isTried() && !old() ? t("signIn.passwordMissing") : null}
        />
        <PasswordField
          label={t("you.passwordNew")}
          value={fresh()}
          onInput={setFresh}
          known={session()?.person.name ?? ""}
          hint={t("you.passwordHint")}
          problem={isTried() ? passwordProblem(fresh()) : null}
          isNew
        />
      </Form>
    </section>
  );
}

function DataCard() {
  const [isAsking, setAsking] = createSignal(false);
  const [password, setPassword] = createSignal("");
  async function remove(): Promise<void> {
    await deleteJson("/api/me", { password: password() });
    forget("left");
  }
  return (
    <section class={styles.card}>
      <div class={styles.item}>
        <p class={styles.words}>
          <strong>{t("you.export")}</strong>
          <small>{t("you.exportWhat")}</small>
        </p>
        <a class={buttons.quiet} href={addressOf("/api/me/export")} download="faiban-me.json">
          <Icon name="download" size={20} />
          {t("you.exportAction")}
        </a>
      </div>
      <div class={styles.item}>
        <p class={styles.words}>
          <strong>{t("you.delete")}</strong>
          <small>{t("you.deleteWhat")}</small>
        </p>
        <button type="button" class={buttons.danger} onClick={() => setAsking(true)}>
          {t("you.delete")}
        </button>
      </div>
      <Show when={isAsking()}>
        <ConfirmDialog
          title={t("you.deleteTitle")}
          text={t("you.deleteText")}
          confirm={t("you.deleteAction")}
          isDangerous
          onConfirm={remove}
          onClose={() => {
            setAsking(false);
            setPassword("");
          }}
        >
          <PasswordField label={t("door.password")} value={password()} onInput={setPassword} first />
        </ConfirmDialog>
      </Show>
    </section>
  );
}

function Said(props: { text: string }) {
  return (
    <p class={styles.said} role="status">
      {props.text}
    </p>
  );
}
