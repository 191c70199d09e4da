/** Finds a Chromium for the browser tests, and installs Debian's when there is none. */
import { existsSync } from "node:fs";
import { hasApt, installPackages } from "./debian.mjs";
import { Problem, say } from "./node.mjs";

const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
// Without a Thai font, Thai text is drawn as empty boxes.
const DEBIAN_PACKAGES = ["chromium", "fonts-thai-tlwg"];
const byHand = "Install Chromium by hand, or set FAIBAN_CHROMIUM to the path of a Chromium or Chrome.";

/** The path of a Chromium, or null. FAIBAN_CHROMIUM goes before the usual places, and must exist when it is set. */
export function findChromium({ env = process.env, exists = existsSync } = {}) {
  const chosen = env.FAIBAN_CHROMIUM;
  if (!chosen) return PLACES.find(exists) ?? null;
  if (exists(chosen)) return chosen;
  throw new Problem(`FAIBAN_CHROMIUM is ${chosen}, which does not exist.`);
}

export async function ensureChromium() {
  const found = findChromium();
  if (found) return found;
  if (!hasApt()) throw new Problem(`No Chromium found. ${byHand}`);

  say("Installing Chromium for the browser tests (Debian packages, first time only)…");
  await installPackages(DEBIAN_PACKAGES, { byHand });
  const installed = findChromium();
  if (installed) return installed;
  throw new Problem(`Chromium was installed, but not in any of the usual places. ${byHand}`);
}
