import type { Key } from "../../i18n/text.ts";
import type { Platform } from "./platform.ts";

/** A drawn screen: what is on it, and what is tapped. */
export interface Picture {
  frame: "phone" | "window";
  /** Rows of the screen; null is one that does not matter here. */
  rows: readonly (string | null)[];
  /** The row that is tapped. */
  lit: number;
  control: "row" | "toggle" | "button" | "check";
}

export interface Step {
  text: Key;
  picture: Picture;
}

const phone = (rows: Picture["rows"], lit: number, control: Picture["control"] = "row"): Picture => ({
  frame: "phone",
  rows,
  lit,
  control,
});
const screen = (rows: Picture["rows"], lit: number, control: Picture["control"] = "row"): Picture => ({
  frame: "window",
  rows,
  lit,
  control,
});

/** The way to trust on each system. The pictures say what the systems themselves say, in English. */
export const steps: Record<Platform, readonly Step[]> = {
  ios: [
    { text: "trust.ios1", picture: phone([null, "faiban.mobileconfig", "Allow"], 2, "button") },
    { text: "trust.ios2", picture: phone([null, "Profile Downloaded", null, null], 1) },
    { text: "trust.ios3", picture: phone(["Certificate Trust", null, "Faiban", null], 2, "toggle") },
  ],
  android: [
    { text: "trust.android1", picture: phone([null, "faiban-ca.crt", "Download"], 2, "button") },
    { text: "trust.android2", picture: phone(["Install from storage", "CA certificate", null, null], 1) },
    { text: "trust.android3", picture: phone([null, null, "Install anyway"], 2, "button") },
  ],
  windows: [
    { text: "trust.windows1", picture: screen(["Certificate", null, "Install Certificate…"], 2, "button") },
    { text: "trust.windows2", picture: screen([null, "Place all in this store", "Browse…"], 2, "button") },
    { text: "trust.windows3", picture: screen([null, "Trusted Root …", null], 1) },
  ],
  macos: [
    { text: "trust.macos1", picture: screen(["login", "Faiban", null], 1) },
    { text: "trust.macos2", picture: screen(["Faiban", "▸ Trust", null], 1) },
    { text: "trust.macos3", picture: screen(["▾ Trust", "Always Trust", null], 1) },
  ],
  firefox: [
    { text: "trust.firefox1", picture: screen([null, "faiban-ca.crt", "Save"], 2, "button") },
    { text: "trust.firefox2", picture: screen(["Authorities", null, "Import…"], 2, "button") },
    { text: "trust.firefox3", picture: screen([null, "Identify websites", "OK"], 1, "check") },
  ],
};
