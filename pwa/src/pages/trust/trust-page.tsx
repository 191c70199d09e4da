import { createSignal, For, Match, Show, Switch } from "solid-js";
import type { Trust } from "../../../../hub/src/api/contract.ts";
import buttons from "../../components/buttons.module.css";
import { CopyLine } from "../../components/copy-line.tsx";
import { Icon } from "../../components/icon.tsx";
import { ErrorNote } from "../../components/note.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { QrCode } from "../../components/qr-code.tsx";
import { Segments } from "../../components/segments.tsx";
import { fullDate } from "../../format/time.ts";
import "../../i18n/devices/words.ts";
import { t } from "../../i18n/text.ts";
import { to } from "../../router.ts";
import { getJson } from "../../state/api.ts";
import { createRemote } from "../../state/remote.ts";
import { Loaded } from "../loaded.tsx";
import page from "../page.module.css";
import { addressForOthers, fingerprintLines, type Platform, platformOf, platforms } from "./platform.ts";
import { StepPicture } from "./step-picture.tsx";
import { steps } from "./steps.ts";
import styles from "./trust.module.css";

const isSecure = () => location.protocol === "https:";

/** How to reach the hub encrypted: why, whether it is the right hub, and the steps on each system. */
export default function TrustPage() {
  const trust = createRemote(() => getJson<Trust>("/api/trust"));
  return (
    <div class={`${page.page} ${styles.page}`}>
      <PageHead title={t("trust.title")} lead={t("trust.lead")} back={{ page: "/", label: t("trust.back") }} />
      <Loaded from={trust} failed={t("trust.failed")} height="50vh">
        {(found) => (
          <>
            <Show when={found().problem}>
              {(problem) => <ErrorNote message={t("trust.problem")} hint={problem()} />}
            </Show>
            <Show when={isSecure()}>
              <p class={styles.secure} role="status">
                <Icon name="shield" size={28} />
                <span>
                  <strong>{t("trust.secure")}</strong>
                  {t("trust.secureHint", { host: location.host })}
                </span>
              </p>
            </Show>
            <Switch>
              <Match when={found().mode === "off"}>
                <ErrorNote message={t("trust.offTitle")} hint={t("trust.off")} />
              </Match>
              <Match when={found().mode === "own_authority"}>
                <OwnAuthority trust={found()} />
              </Match>
              <Match when={found().mode !== "off"}>
                <section class={styles.card}>
                  <p>{t("trust.public")}</p>
                  <SafeAddresses urls={found().urls} />
                </section>
              </Match>
            </Switch>
          </>
        )}
      </Loaded>
    </div>
  );
}

function OwnAuthority(props: { trust: Trust }) {
  return (
    <>
      <div class={styles.pair}>
        <Fingerprint trust={props.trust} />
        <section class={`${styles.card} ${styles.qr}`}>
          <QrCode text={addressForOthers(location.href, props.trust.urls)} label={t("trust.qrLabel")} />
          <div>
            <h2>{t("trust.qr")}</h2>
            <p>{t("trust.qrHint")}</p>
          </div>
        </section>
      </div>
      <Steps urls={props.trust.urls} />
    </>
  );
}

function Fingerprint(props: { trust: Trust }) {
  const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <section class={styles.card}>
      <h2>{t("trust.check")}</h2>
      <p>{t("trust.checkHint")}</p>
      <Show when={props.trust.fingerprint}>
        {(fingerprint) => (
          <figure class={styles.fingerprint}>
            <figcaption>{t("trust.fingerprint")}</figcaption>
            <code data-testid="fingerprint">
              <For each={fingerprintLines(fingerprint())}>{(line) => <span>{line}</span>}</For>
            </code>
          </figure>
        )}
      </Show>
      <Show when={props.trust.expiresMs}>
        {(expiresMs) => <p class={styles.small}>{t("trust.until", { date: fullDate(expiresMs(), ownZone) })}</p>}
      </Show>
      <p class={styles.small}>{t("trust.limits")}</p>
    </section>
  );
}

function Steps(props: { urls: string[] }) {
  const [platform, setPlatform] = createSignal<Platform>(platformOf(navigator.userAgent, navigator.maxTouchPoints));
  return (
    <section class={styles.card}>
      <h2>{t("trust.steps")}</h2>
      <Segments
        legend={t("trust.platform")}
        name="platform"
        value={platform()}
        options={platforms.map((value) => ({ value, label: t(`trust.${value}`) }))}
        onChoose={setPlatform}
      />
      <div>
        <Download platform={platform()} />
      </div>
      <ol class={styles.steps}>
        <For each={steps[platform()]}>
          {(step) => (
            <li>
              <StepPicture picture={step.picture} />
              <p>{t(step.text)}</p>
            </li>
          )}
        </For>
      </ol>
      <div class={styles.last}>
        <p>{t("trust.last")}</p>
        <SafeAddresses urls={props.urls} />
      </div>
    </section>
  );
}

function Download(props: { platform: Platform }) {
  return (
    <Show
      when={props.platform === "ios"}
      fallback={
        <a class={buttons.primary} href={to("/trust/faiban-ca.crt")} download="faiban-ca.crt">
          <Icon name="download" size={20} />
          {t("trust.certificate")}
        </a>
      }
    >
      {/* Safari takes a profile only from a plain link. */}
      <a class={buttons.primary} href={to("/trust/faiban.mobileconfig")} target="_self">
        <Icon name="download" size={20} />
        {t("trust.profile")}
      </a>
    </Show>
  );
}

function SafeAddresses(props: { urls: string[] }) {
  return (
    <ul class={styles.urls}>
      <For each={props.urls}>
        {(url, index) => (
          <li>
            <CopyLine text={url} />
            <Show when={index() === 0 && !isSecure()}>
              <a class={buttons.quiet} href={url}>
                <Icon name="shield" size={20} />
                {t("trust.open")}
              </a>
            </Show>
          </li>
        )}
      </For>
    </ul>
  );
}
