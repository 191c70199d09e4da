import { BrandMark } from "../../components/brand-mark.tsx";
import { to } from "../../router.ts";
import { language, setLanguage } from "../../state/settings.ts";
import styles from "./door.module.css";

/** The name, and the other language: whoever stands outside must be able to read. */
export function DoorTop() {
  const other = () => (language() === "th" ? "en" : "th");
  return (
    <header class={styles.top}>
      <a class={styles.brand} href={to("/")}>
        <BrandMark />
        <span lang="th">ไฟบ้าน</span>
      </a>
      <button
        type="button"
        class={styles.language}
        lang={other()}
        data-testid="door-language"
        onClick={() => setLanguage(other())}
      >
        {other() === "th" ? "ไทย" : "English"}
      </button>
    </header>
  );
}
