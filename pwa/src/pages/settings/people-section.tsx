import { createSignal, For, Show } from "solid-js";
import type { Person, PersonRole } from "../../../../hub/src/api/contract.ts";
import buttons from "../../components/buttons.module.css";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import form from "../../components/form/form.module.css";
import { Icon } from "../../components/icon.tsx";
import { ago } from "../../format/time.ts";
import { t } from "../../i18n/text.ts";
import { createAction } from "../../state/action.ts";
import { deleteJson, getJson, patchJson } from "../../state/api.ts";
import { useLive } from "../../state/live.ts";
import { createRemote } from "../../state/remote.ts";
import { Loaded } from "../loaded.tsx";
import { Invitations } from "./invitations.tsx";
import { RoleSelect } from "./role-select.tsx";
import { SectionHead } from "./section-head.tsx";
import styles from "./settings.module.css";
import { Initial } from "./settings-index.tsx";

/** Everybody who may come in: their roles, and who is invited. */
export default function PeopleSection() {
  const people = createRemote(() => getJson<Person[]>("/api/people"));
  const [leaving, setLeaving] = createSignal<Person | null>(null);
  const change = createAction(async (person: Person, role: PersonRole) => {
    try {
      await patchJson<Person>(`/api/people/${encodeURIComponent(person.id)}`, { role });
    } finally {
      await people.reload();
    }
  });
  async function remove(person: Person): Promise<void> {
    await deleteJson(`/api/people/${encodeURIComponent(person.id)}`);
    await people.reload();
  }
  return (
    <>
      <SectionHead title={t("people.title")} lead={t("people.lead")} />
      <Loaded from={people} failed={t("people.failed")}>
        {(all) => (
          <section class={styles.card}>
            <ul class={styles.items} data-testid="people">
              <For each={all()}>
                {(person) => (
                  <PersonRow
                    person={person}
                    isBusy={change.busy()}
                    onRole={(role) => void change.run(person, role)}
                    onRemove={() => setLeaving(person)}
                  />
                )}
              </For>
            </ul>
            <p class={form.problem} role="alert">
              {change.error()}
            </p>
          </section>
        )}
      </Loaded>
      <Invitations />
      <Show when={leaving()} keyed>
        {(person) => (
          <ConfirmDialog
            title={t("people.removeTitle", { name: person.name })}
            text={t("people.removeText", { name: person.name })}
            confirm={t("people.remove")}
            isDangerous
            onConfirm={() => remove(person)}
            onClose={() => setLeaving(null)}
          />
        )}
      </Show>
    </>
  );
}

interface PersonRowProps {
  person: Person;
  isBusy: boolean;
  onRole: (role: PersonRole) => void;
  onRemove: () => void;
}

function PersonRow(props: PersonRowProps) {
  const live = useLive();
  const seen = () => {
    const { lastSeenMs } = props.person;
    return lastSeenMs === null ? t("people.neverSeen") : t("people.seen", { age: ago(live.ageMs(lastSeenMs)) });
  };
  return (
    <li class={styles.item}>
      <Initial name={props.person.name} />
      <p class={styles.words}>
        <strong>{props.person.name}</strong>
        <Show when={props.person.isSelf}>
          <span class={styles.tag}>{t("people.self")}</span>
        </Show>
        <small>{seen()}</small>
      </p>
      <div class={styles.controls}>
        <RoleSelect
          label={t("people.role", { name: props.person.name })}
          value={props.person.role}
          disabled={props.isBusy}
          onChoose={props.onRole}
        />
        <button
          type="button"
          class={buttons.round}
          disabled={props.person.isSelf}
          aria-label={t("people.removeOf", { name: props.person.name })}
          onClick={() => props.onRemove()}
        >
          <Icon name="trash" size={20} />
        </button>
      </div>
    </li>
  );
}
