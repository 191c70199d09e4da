import { createSignal, Show } from "solid-js";
import { Form } from "../../components/form/form.tsx";
import { PasswordField } from "../../components/form/password-field.tsx";
import { TextField } from "../../components/form/text-field.tsx";
import { t } from "../../i18n/text.ts";
import { nameProblem, passwordProblem } from "./problems.ts";

export interface You {
  code: string;
  name: string;
  password: string;
}

export interface YouStepProps {
  you: You;
  needsCode: boolean;
  error: string | null;
  onChange: (part: Partial<You>) => void;
  onNext: () => void;
}

/** Who claims the hub: a name, a password, and the code from its console unless this is the hub itself. */
export function YouStep(props: YouStepProps) {
  const [isTried, setTried] = createSignal(false);
  const codeProblem = () => (props.needsCode && !props.you.code.trim() ? t("claim.codeMissing") : null);
  const shown = (problem: string | null) => (isTried() ? problem : null);

  function next(): void {
    setTried(true);
    if (!codeProblem() && !nameProblem(props.you.name) && !passwordProblem(props.you.password)) props.onNext();
  }

  return (
    <Form onSubmit={next} submit={t("claim.next")} busy={false} error={props.needsCode ? null : props.error} wide>
      <Show when={props.needsCode}>
        <TextField
          label={t("claim.code")}
          name="code"
          value={props.you.code}
          onInput={(code) => props.onChange({ code })}
          maxLength={32}
          autocomplete="one-time-code"
          hint={t("claim.codeHint")}
          problem={props.error ?? shown(codeProblem())}
          isCode
          first
        />
      </Show>
      <TextField
        label={t("door.name")}
        name="username"
        value={props.you.name}
        onInput={(name) => props.onChange({ name })}
        autocomplete="username"
        problem={shown(nameProblem(props.you.name))}
        first={!props.needsCode}
      />
      <PasswordField
        label={t("door.password")}
        value={props.you.password}
        onInput={(password) => props.onChange({ password })}
        known={props.you.name}
        problem={shown(passwordProblem(props.you.password))}
        isNew
      />
    </Form>
  );
}
