import { createSignal, onCleanup } from "solid-js";
import { t } from "../i18n/text.ts";
import styles from "./copy-line.module.css";
import { Icon } from "./icon.tsx";

/** A line to type elsewhere, with a button that copies it. */
export function CopyLine(props: { text: string }) {
  const [copied, setCopied] = createSignal(false);
  let line!: HTMLElement;
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));

  async function copy(): Promise<void> {
    if (!(await copyText(props.text))) {
      getSelection()?.selectAllChildren(line);
      return;
    }
    setCopied(true);
    clearTimeout(timer);
    timer = setTimeout(() => setCopied(false), 2_000);
  }

  return (
    <div class={styles.line}>
      <code ref={line}>{props.text}</code>
      <button type="button" aria-label={t("howto.copyLabel", { text: props.text })} onClick={copy}>
        <Icon name={copied() ? "check" : "copy"} size={18} />
        <span aria-live="polite">{copied() ? t("howto.copied") : t("howto.copy")}</span>
      </button>
    </div>
  );
}

// Over plain http, as on most home networks, a page has no clipboard; the old command still works there.
async function copyText(text: string): Promise<boolean> {
  if (navigator.clipboard) {
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
  }
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "visually-hidden";
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  return copied;
}
