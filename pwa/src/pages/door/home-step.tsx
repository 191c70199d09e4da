import { createSignal } from "solid-js";
import buttons from "../../components/buttons.module.css";
import { Form } from "../../components/form/form.tsx";
import { SelectField } from "../../components/form/select-field.tsx";
import { TextField } from "../../components/form/text-field.tsx";
import { locale } from "../../format/quantity.ts";
import { t } from "../../i18n/text.ts";
import styles from "./door.module.css";
import type { NewHome } from "./first-home.ts";

export interface HomeStepProps {
  home: NewHome;
  /** The fields that the machine's settings decide. */
  fixed: string[];
  busy: boolean;
  error: string | null;
  onChange: (part: Partial<NewHome>) => void;
  onBack: () => void;
  onDone: () => void;
}

const regions = ["TH-MEA", "TH-PEA", "other"] as const;

/** What the home is called, and where its time and its tariff are from. */
export function HomeStep(props: HomeStepProps) {
  const [isTried, setTried] = createSignal(false);
  const problem = () => (isTried() && !props.home.name.trim() ? t("claim.homeNameMissing") : null);
  const isFixed = (field: keyof NewHome) => props.fixed.includes(field);
  const fixedHint = (field: keyof NewHome) => (isFixed(field) ? t("claim.fixed") : undefined);

  return (
    <Form
      onSubmit={() => {
        setTried(true);
        if (props.home.name.trim()) props.onDone();
      }}
      submit={t(props.busy ? "claim.claiming" : "claim.done")}
      busy={props.busy}
      error={props.error}
      wide
      aside={
        <button type="button" class={`${buttons.plain} ${buttons.wide}`} onClick={() => props.onBack()}>
          {t("form.back")}
        </button>
      }
    >
      <TextField
        label={t("claim.homeName")}
        name="home"
        value={props.home.name}
        onInput={(name) => props.onChange({ name })}
        disabled={isFixed("name")}
        hint={fixedHint("name")}
        problem={problem()}
        first
      />
      <SelectField
        label={t("claim.tariff")}
        name="tariff"
        value={props.home.tariffRegion}
        options={regions.map((value) => ({ value, label: t(`claim.tariff.${value}`) }))}
        onChoose={(tariffRegion) => props.onChange({ tariffRegion })}
        disabled={isFixed("tariffRegion")}
        hint={fixedHint("tariffRegion")}
      />
      <div class={styles.pair}>
        <SelectField
          label={t("claim.timeZone")}
          name="time-zone"
          value={props.home.timeZone}
          options={withOwn(Intl.supportedValuesOf("timeZone"), props.home.timeZone).map((value) => ({
            value,
            label: value.replaceAll("_", " "),
          }))}
          onChoose={(timeZone) => props.onChange({ timeZone })}
          disabled={isFixed("timeZone")}
          hint={fixedHint("timeZone")}
        />
        <SelectField
          label={t("claim.currency")}
          name="currency"
          value={props.home.currency}
          options={currencies(props.home.currency)}
          onChoose={(currency) => props.onChange({ currency })}
          disabled={isFixed("currency")}
          hint={fixedHint("currency")}
        />
      </div>
    </Form>
  );
}

function currencies(own: string): { value: string; label: string }[] {
  const names = new Intl.DisplayNames([locale()], { type: "currency" });
  return withOwn(Intl.supportedValuesOf("currency"), own).map((value) => ({
    value,
    label: `${value} · ${names.of(value) ?? value}`,
  }));
}

// Browsers differ in what they list; what is chosen must be among it.
function withOwn(values: string[], own: string): string[] {
  return values.includes(own) ? values : [own, ...values];
}
