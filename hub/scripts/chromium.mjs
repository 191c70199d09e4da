/** Finds a Chromium for the browser tests, and installs Debian's when there is none. */
import { existsSync } from "node:fs";
import { Problem, runChild, say } from "./node.mjs";

const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
// Without a Thai font, Thai text is drawn as empty boxes.
const DEBIAN_PACKAGES = ["chromium", "fonts-thai-tlwg"];

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
  if (!existsSync("/usr/bin/apt-get")) throw new Problem(`No Chromium found. ${byHand()}`);

  say("Installing Chromium for the browser tests (Debian packages, first time only)…");
  await apt("update");
  await apt("install", "--yes", "--no-install-recommends", ...DEBIAN_PACKAGES);
  const installed = findChromium();
  if (installed) return installed;
  throw new Problem(`Chromium was installed, but not in any of the usual places. ${byHand()}`);
}

async function apt(...args) {
  const command = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet", "--quiet", ...args];
  if (process.getuid() !== 0) command.unshift("sudo", ...(process.stdin.isTTY ? [] : ["--non-interactive"]));
  const [file, ...rest] = command;
  // apt lists every package that it unpacks; only what it says when it fails matters.
  const result = await runChild(file, rest, { stdio: ["inherit", "ignore", "pipe"] }).catch((error) => {
    throw error.code === "ENOENT" ? new Problem(`${file} is not here. ${byHand()}`) : error;
  });
  if (result.code !== 0) throw new Problem(`${result.stderr.trim()}\n\n\`${command.join(" ")}\` failed. ${byHand()}`);
}

function byHand() {
  return "Install Chromium by hand, or set FAIBAN_CHROMIUM to the path of a Chromium or Chrome.";
}
