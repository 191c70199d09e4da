import { createSignal, For } from "solid-js";
import type { NewApiToken, Permission, Scope } from "../../../../hub/src/api/contract.ts";
import { Form } from "../../components/form/form.tsx";
import { TextField } from "../../components/form/text-field.tsx";
import { Segments } from "../../components/segments.tsx";
import { t } from "../../i18n/text.ts";
import { createAction } from "../../state/action.ts";
import { postJson } from "../../state/api.ts";
import { can } from "../../state/session.ts";
import styles from "./settings.module.css";

// A token can do no more than its person.
const scopes: [Scope, Permission][] = [
  ["read", "meters.view"],
  ["switch", "switch"],
  ["manage", "meters.manage"],
];
const lengths = [
  { value: "30", label: "tokens.in30" },
  { value: "365", label: "tokens.in365" },
  { value: "", label: "tokens.never" },
] as const;

/** Makes a token: what it is for, what it may, and for how long. */
export function NewToken(props: { onMade: (token: NewApiToken) => void }) {
  const [name, setName] = createSignal("");
  const [chosen, setChosen] = createSignal<Scope[]>(["read"]);
  const [days, setDays] = createSignal<(typeof lengths)[number]["value"]>("365");
  const [isTried, setTried] = createSignal(false);
  const make = createAction(async () => {
    const expiresInDays = days() === "" ? null : Number(days());
    props.onMade(
      await postJson<NewApiToken>("/api/me/tokens", { name: name().trim(), scopes: chosen(), expiresInDays }),
    );
  });
  const toggle = (scope: Scope) =>
    setChosen((before) => (before.includes(scope) ? before.filter((one) => one !== scope) : [...before, scope]));

  return (
    <>
      <h2>{t("tokens.new")}</h2>
      <Form
        onSubmit={() => {
          setTried(true);
          if (name().trim()) void make.run();
        }}
        submit={t("tokens.make")}
        busy={make.busy()}
        disabled={chosen().length === 0}
        error={make.error()}
      >
        <TextField
          label={t("tokens.name")}
          name="token-name"
          value={name()}
          onInput={setName}
          placeholder={t("tokens.namePlaceholder")}
          problem={isTried() && !name().trim() ? t("tokens.nameMissing") : null}
        />
        <fieldset class={styles.choices}>
          <legend>{t("tokens.scopes")}</legend>
          <For each={scopes.filter(([, permission]) => can(permission))}>
            {([scope]) => (
              <label class={styles.choice}>
                <input type="checkbox" name={scope} checked={chosen().includes(scope)} onChange={() => toggle(scope)} />
                <span>
                  <strong>{t(`tokens.scope.${scope}`)}</strong>
                  <small>{t(`tokens.scope.${scope}What`)}</small>
                </span>
              </label>
            )}
          </For>
        </fieldset>
        <Segments
          legend={t("tokens.expires")}
          name="token-expires"
          value={days()}
          options={lengths.map(({ value, label }) => ({ value, label: t(label) }))}
          onChoose={setDays}
        />
      </Form>
    </>
  );
}
