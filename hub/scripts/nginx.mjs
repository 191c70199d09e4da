/** Finds an nginx for the tests behind a proxy, and installs Debian's when there is none; its service is not started. */
import { existsSync } from "node:fs";
import { hasApt, installPackages } from "./debian.mjs";
import { Problem, say } from "./node.mjs";

const PLACES = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/local/bin/nginx", "/opt/homebrew/bin/nginx"];
const byHand = "Install nginx by hand, or set FAIBAN_NGINX to the path of an nginx.";

/** The path of an nginx, or null. FAIBAN_NGINX goes before the usual places, and must exist when it is set. */
export function findNginx({ env = process.env, exists = existsSync } = {}) {
  const chosen = env.FAIBAN_NGINX;
  if (!chosen) return PLACES.find(exists) ?? null;
  if (exists(chosen)) return chosen;
  throw new Problem(`FAIBAN_NGINX is ${chosen}, which does not exist.`);
}

export async function ensureNginx() {
  const found = findNginx();
  if (found) return found;
  if (!hasApt()) throw new Problem(`No nginx found. ${byHand}`);

  say("Installing nginx for the tests behind a proxy (Debian package, first time only)…");
  await installPackages(["nginx"], { byHand, services: ["nginx"] });
  const installed = findNginx();
  if (installed) return installed;
  throw new Problem(`nginx was installed, but not in any of the usual places. ${byHand}`);
}
