import { createSignal, For, Show } from "solid-js";
import type { Invitation, NewInvitation, PersonRole } from "../../../../hub/src/api/contract.ts";
import buttons from "../../components/buttons.module.css";
import { CopyLine } from "../../components/copy-line.tsx";
import form from "../../components/form/form.module.css";
import { Form } from "../../components/form/form.tsx";
import { Icon } from "../../components/icon.tsx";
import { QrCode } from "../../components/qr-code.tsx";
import { Segments } from "../../components/segments.tsx";
import { fullDate } from "../../format/time.ts";
import { t } from "../../i18n/text.ts";
import { createAction } from "../../state/action.ts";
import { addressOf, deleteJson, getJson, postJson } from "../../state/api.ts";
import { useTimeZone } from "../../state/live.ts";
import { createRemote } from "../../state/remote.ts";
import { hub } from "../../state/session.ts";
import { focusSoon } from "../focus-soon.ts";
import { personRoles } from "./role-select.tsx";
import styles from "./settings.module.css";

const lengths = [
  { value: "1", label: "people.inviteHours" },
  { value: "24", label: "people.inviteDay" },
  { value: "168", label: "people.inviteWeek" },
] as const;

/** Inviting somebody, and the invitations that nobody has used yet. */
export function Invitations() {
  const open = createRemote(() => getJson<Invitation[]>("/api/invitations"));
  const [fresh, setFresh] = createSignal<NewInvitation | null>(null);
  const takeBack = createAction(async (id: string) => {
    await deleteJson(`/api/invitations/${encodeURIComponent(id)}`);
    if (fresh()?.id === id) setFresh(null);
    await open.reload();
  });
  return (
    <>
      <section class={styles.card} aria-live="polite">
        <Show
          when={fresh()}
          fallback={
            <Inviting
              onMade={(made) => {
                setFresh(made);
                void open.reload();
              }}
            />
          }
        >
          {(invitation) => <Ready invitation={invitation()} onDone={() => setFresh(null)} />}
        </Show>
      </section>
      <Show when={(open.value() ?? []).length > 0}>
        <section class={styles.card}>
          <h2>{t("people.open")}</h2>
          <ul class={styles.items}>
            <For each={open.value()}>
              {(one) => (
                <OpenInvitation one={one} isBusy={takeBack.busy()} onTakeBack={() => void takeBack.run(one.id)} />
              )}
            </For>
          </ul>
          <p class={form.problem} role="alert">
            {takeBack.error()}
          </p>
        </section>
      </Show>
    </>
  );
}

function Inviting(props: { onMade: (invitation: NewInvitation) => void }) {
  const [role, setRole] = createSignal<PersonRole>("member");
  const [hours, setHours] = createSignal<(typeof lengths)[number]["value"]>("24");
  const make = createAction(async () => {
    const body = { role: role(), expiresInHours: Number(hours()) };
    props.onMade(await postJson<NewInvitation>("/api/invitations", body));
  });
  return (
    <>
      <h2>{t("people.inviteTitle")}</h2>
      <Form onSubmit={() => void make.run()} submit={t("people.inviteMake")} busy={make.busy()} error={make.error()}>
        <fieldset class={styles.choices}>
          <legend>{t("people.inviteAs")}</legend>
          <For each={personRoles}>
            {(value) => (
              <label class={styles.choice}>
                <input type="radio" name="role" checked={role() === value} onChange={() => setRole(value)} />
                <span>
                  <strong>{t(`person.${value}`)}</strong>
                  <small>{t(`person.${value}What`)}</small>
                </span>
              </label>
            )}
          </For>
        </fieldset>
        <Segments
          legend={t("people.inviteFor")}
          name="invite-for"
          value={hours()}
          options={lengths.map(({ value, label }) => ({ value, label: t(label) }))}
          onChoose={setHours}
        />
      </Form>
    </>
  );
}

function Ready(props: { invitation: NewInvitation; onDone: () => void }) {
  const timeZone = useTimeZone();
  const link = () => invitationLink(props.invitation.path);
  const share = () => navigator.share({ url: link() }).catch(() => {});
  return (
    <div ref={focusSoon} class={styles.ready} tabindex="-1" data-testid="invitation" data-link={link()}>
      <h2>{t("people.inviteReady")}</h2>
      <QrCode text={link()} label={t("people.inviteQr")} />
      <p>{t("people.inviteReadyHint", { time: fullDate(props.invitation.expiresMs, timeZone()) })}</p>
      <div class={styles.link}>
        <CopyLine text={link()} />
      </div>
      <div class={buttons.row}>
        <Show when={"share" in navigator}>
          <button type="button" class={buttons.quiet} onClick={share}>
            {t("people.inviteShare")}
          </button>
        </Show>
        <button type="button" class={buttons.primary} onClick={() => props.onDone()}>
          {t("people.inviteDone")}
        </button>
      </div>
    </div>
  );
}

function OpenInvitation(props: { one: Invitation; isBusy: boolean; onTakeBack: () => void }) {
  const timeZone = useTimeZone();
  const role = () => t(`person.${props.one.role}`);
  return (
    <li class={styles.item}>
      <Icon name="person" />
      <p class={styles.words}>
        <strong>{t("people.openLine", { role: role(), name: props.one.createdBy })}</strong>
        <small>{t("people.openUntil", { time: fullDate(props.one.expiresMs, timeZone()) })}</small>
      </p>
      <button
        type="button"
        class={buttons.plain}
        disabled={props.isBusy}
        aria-label={t("people.takeBackOf", { role: role() })}
        onClick={() => props.onTakeBack()}
      >
        {t("people.takeBack")}
      </button>
    </li>
  );
}

// A guest's phone cannot reach "localhost": where the hub knows a name of its own, the link carries that.
function invitationLink(path: string): string {
  const isOwn = ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);
  const root = isOwn ? hub()?.httpsUrl : null;
  return root ? new URL(path.replace(/^\//, ""), root.endsWith("/") ? root : `${root}/`).href : addressOf(path);
}
