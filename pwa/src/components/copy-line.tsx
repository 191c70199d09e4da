import { createSignal, onCleanup } from "solid-js";
import { t } from "../i18n/text.ts";
import styles from "./copy-line.module.css";
import { Icon } from "./icon.tsx";

/** A line to type elsewhere, with a button that copies it. */
export function CopyLine(props: { text: string }) {
  let line!: HTMLElement;
  return (
    <div class={styles.line}>
      <code ref={line}>{props.text}</code>
      <CopyButton text={props.text} label={t("copy.label", { text: props.text })} shown={() => line} />
    </div>
  );
}

/** Several lines to paste elsewhere as they are. */
export function CopyBlock(props: { text: string; label: string }) {
  let block!: HTMLElement;
  return (
    <div class={styles.block}>
      <header>
        <span>{props.label}</span>
        <CopyButton text={props.text} label={t("copy.label", { text: props.label })} shown={() => block} />
      </header>
      {/* What does not fit is scrolled to, with the keyboard too. */}
      <pre tabindex="0">
        <code ref={block}>{props.text}</code>
      </pre>
    </div>
  );
}

function CopyButton(props: { text: string; label: string; shown: () => HTMLElement }) {
  const [copied, setCopied] = createSignal(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));

  async function copy(): Promise<void> {
    if (!(await copyText(props.text))) {
      getSelection()?.selectAllChildren(props.shown());
      return;
    }
    setCopied(true);
    clearTimeout(timer);
    timer = setTimeout(() => setCopied(false), 2_000);
  }

  return (
    <button type="button" class={styles.copy} aria-label={props.label} onClick={copy}>
      <Icon name={copied() ? "check" : "copy"} size={18} />
      <span aria-live="polite">{copied() ? t("copy.done") : t("copy.do")}</span>
    </button>
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
