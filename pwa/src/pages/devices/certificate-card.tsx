import { createSignal, createUniqueId, For, Show } from "solid-js";
import type { Device, DeviceCertificate } from "../../../../hub/src/api/contract.ts";
import buttons from "../../components/buttons.module.css";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import form from "../../components/form/form.module.css";
import { Icon } from "../../components/icon.tsx";
import { fullDate } from "../../format/time.ts";
import { t } from "../../i18n/text.ts";
import { createAction } from "../../state/action.ts";
import { deleteJson, postJson } from "../../state/api.ts";
import { useTimeZone } from "../../state/live.ts";
import styles from "./certificate-card.module.css";
import devices from "./devices.module.css";

/** A device's certificate: made, renewed and revoked; the files are there once, right after they are made. */
export function CertificateCard(props: { device: Device; onChanged: () => Promise<void> }) {
  const timeZone = useTimeZone();
  const csrId = createUniqueId();
  const [made, setMade] = createSignal<DeviceCertificate | null>(null);
  const [csr, setCsr] = createSignal("");
  const [isRevoking, setRevoking] = createSignal(false);
  const address = () => `/api/devices/${encodeURIComponent(props.device.id)}/certificate`;

  const make = createAction(async () => {
    const csrPem = csr().trim();
    setMade(await postJson<DeviceCertificate>(address(), csrPem ? { csrPem } : {}));
    setCsr("");
    await props.onChanged();
  });
  async function revoke(): Promise<void> {
    await deleteJson(address());
    setMade(null);
    await props.onChanged();
  }

  return (
    <section class={devices.card}>
      <div class={devices.line}>
        <div class={devices.words}>
          <h2>{t("device.certificate")}</h2>
          <p>{t("device.certificateHint")}</p>
        </div>
        <div class={buttons.row}>
          <button type="button" class={buttons.quiet} disabled={make.busy()} onClick={() => void make.run()}>
            <Icon name="certificate" size={20} />
            {t(props.device.certificate ? "device.certificateRenew" : "device.certificateMake")}
          </button>
          <Show when={props.device.certificate}>
            <button type="button" class={buttons.danger} onClick={() => setRevoking(true)}>
              {t("device.certificateRevoke")}
            </button>
          </Show>
        </div>
      </div>
      <Show when={props.device.certificate}>
        {(certificate) => (
          <p class={styles.facts}>
            <span>{t("device.certificateUntil", { date: fullDate(certificate().expiresMs, timeZone()) })}</span>
            <code>{t("device.certificateSerial", { serial: certificate().serial })}</code>
          </p>
        )}
      </Show>
      <Show when={made()}>{(fresh) => <Files made={fresh()} />}</Show>
      <details class={devices.fold}>
        <summary>{t("device.certificateOwn")}</summary>
        <label class={form.label} for={csrId}>
          {t("device.certificateCsr")}
        </label>
        <textarea
          id={csrId}
          class={`${form.input} ${styles.csr}`}
          rows={6}
          maxlength={8192}
          spellcheck={false}
          placeholder="-----BEGIN CERTIFICATE REQUEST-----"
          value={csr()}
          onInput={(event) => setCsr(event.currentTarget.value)}
        />
      </details>
      <p class={form.problem} role="alert">
        {make.error()}
      </p>
      <Show when={isRevoking()}>
        <ConfirmDialog
          title={t("device.certificateRevokeTitle")}
          text={t("device.certificateRevokeText")}
          confirm={t("device.certificateRevoke")}
          isDangerous
          onConfirm={revoke}
          onClose={() => setRevoking(false)}
        />
      </Show>
    </section>
  );
}

function Files(props: { made: DeviceCertificate }) {
  const files = () => {
    const { certificatePem, keyPem, authorityPem } = props.made;
    return [
      { label: t("device.file.certificate"), file: "device.crt", text: certificatePem },
      ...(keyPem === null ? [] : [{ label: t("device.file.key"), file: "device.key", text: keyPem }]),
      { label: t("device.file.authority"), file: "faiban-ca.crt", text: authorityPem },
    ];
  };
  return (
    <div class={styles.ready}>
      <p>{t("device.certificateReady")}</p>
      <div class={devices.files}>
        <For each={files()}>
          {(one) => (
            <a
              class={buttons.quiet}
              download={one.file}
              href={`data:application/x-pem-file,${encodeURIComponent(one.text)}`}
            >
              <Icon name="download" size={20} />
              {one.label}
            </a>
          )}
        </For>
      </div>
    </div>
  );
}
