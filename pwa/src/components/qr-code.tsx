import { createMemo } from "solid-js";
import { encode } from "uqr";
import styles from "./qr-code.module.css";
import { qrPath } from "./qr-path.ts";

/** A text for a phone's camera. The label says what scanning it does. */
export function QrCode(props: { text: string; label: string }) {
  const code = createMemo(() => encode(props.text, { ecc: "M", border: 0 }));
  return (
    <svg
      class={styles.code}
      role="img"
      aria-label={props.label}
      viewBox={`-3 -3 ${code().size + 6} ${code().size + 6}`}
      shape-rendering="crispEdges"
    >
      <path d={qrPath(code().data)} />
    </svg>
  );
}
