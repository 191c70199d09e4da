import { t } from "../i18n/text.ts";
import { CopyLine } from "./copy-line.tsx";
import styles from "./how-to.module.css";

/** How a plug finds this hub. */
export function HowTo(props: { host: string; port: number }) {
  const tasmota = () => `Backlog MqttHost ${props.host}; MqttPort ${props.port}; TelePeriod 10`;
  return (
    <div class={styles.howto}>
      <div class={styles.address}>
        <p>{t("howto.lead")}</p>
        <CopyLine text={`${props.host}:${props.port}`} />
      </div>
      <section>
        <h2>{t("howto.tasmota")}</h2>
        <ol>
          <li>{t("howto.tasmota1")}</li>
          <li>
            {t("howto.tasmota2")}
            <CopyLine text={tasmota()} />
          </li>
          <li>{t("howto.tasmota3")}</li>
        </ol>
      </section>
      <section>
        <h2>{t("howto.shelly")}</h2>
        <ol>
          <li>{t("howto.shelly1")}</li>
          <li>
            {t("howto.shelly2")}
            <CopyLine text={`${props.host}:${props.port}`} />
          </li>
          <li>{t("howto.shelly3")}</li>
        </ol>
      </section>
    </div>
  );
}
