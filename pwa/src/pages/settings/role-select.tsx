import { For } from "solid-js";
import type { PersonRole } from "../../../../hub/src/api/contract.ts";
import form from "../../components/form/form.module.css";
import { Icon } from "../../components/icon.tsx";
import { t } from "../../i18n/text.ts";
import styles from "./role-select.module.css";

/** What a person may be, the most trusted first. */
export const personRoles: PersonRole[] = ["owner", "member", "viewer", "installer"];

/** A person's role in their row. */
export function RoleSelect(props: {
  label: string;
  value: PersonRole;
  disabled: boolean;
  onChoose: (role: PersonRole) => void;
}) {
  return (
    <div class={`${form.box} ${styles.role}`}>
      <select
        class={`${form.input} ${form.select}`}
        aria-label={props.label}
        disabled={props.disabled}
        onChange={(event) => {
          const chosen = event.currentTarget.value as PersonRole;
          // The hub decides; until it answers the old role stands.
          event.currentTarget.value = props.value;
          props.onChoose(chosen);
        }}
      >
        <For each={personRoles}>
          {(role) => (
            <option value={role} selected={role === props.value}>
              {t(`person.${role}`)}
            </option>
          )}
        </For>
      </select>
      <span class={form.chevron}>
        <Icon name="down" size={18} />
      </span>
    </div>
  );
}
