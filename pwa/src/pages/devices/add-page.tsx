import { For } from "solid-js";
import type { NewDevice, Pairing } from "../../../../hub/src/api/contract.ts";
import buttons from "../../components/buttons.module.css";
import form from "../../components/form/form.module.css";
import { Icon } from "../../components/icon.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { t } from "../../i18n/text.ts";
import { navigate } from "../../router.ts";
import { createAction } from "../../state/action.ts";
import { postJson } from "../../state/api.ts";
import page from "../page.module.css";
import styles from "./devices.module.css";
import { setFresh } from "./fresh.ts";
import { type Kind, kinds } from "./kinds.ts";

/** What kind of device comes; its credential is made with the choice. */
export function AddPage() {
  const make = createAction(async ({ dialect, kind }: Kind) => {
    const body = { name: t(`dialect.${dialect}Name`), kind, dialect };
    setFresh(await postJson<NewDevice>("/api/devices", body));
    navigate(`/devices/add/${dialect}`);
  });
  const open = createAction(async () => {
    await postJson<Pairing>("/api/pairing");
    navigate("/devices/pair");
  });
  return (
    <div class={page.page}>
      <PageHead title={t("add.title")} lead={t("add.lead")} back={{ page: "/devices", label: t("devices.all") }} />
      <ul class={styles.kinds}>
        <For each={kinds}>
          {(kind) => (
            <li>
              <button
                type="button"
                class={styles.kind}
                data-dialect={kind.dialect}
                disabled={make.busy()}
                onClick={() => void make.run(kind)}
              >
                <span class={styles.icon} data-online="true">
                  <Icon name={kind.icon} size={28} />
                </span>
                <span class={styles.words}>
                  <strong>{t(`dialect.${kind.dialect}`)}</strong>
                  <small>{t(`dialect.${kind.dialect}What`)}</small>
                </span>
              </button>
            </li>
          )}
        </For>
      </ul>
      <p class={form.problem} role="alert">
        {make.error() ?? open.error()}
      </p>
      <section class={styles.knock}>
        <Icon name="radar" size={32} />
        <div class={styles.words}>
          <h2>{t("add.pairTitle")}</h2>
          <p>{t("add.pairHint")}</p>
        </div>
        <button type="button" class={buttons.quiet} disabled={open.busy()} onClick={() => void open.run()}>
          {t("add.pair")}
        </button>
      </section>
    </div>
  );
}
