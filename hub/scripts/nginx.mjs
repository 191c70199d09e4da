/** Finds an nginx for the tests behind a proxy, and installs Debian's when there is none; its service is not started. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { asRoot } from "./debian.mjs";
import { Problem, say } from "./node.mjs";

const PLACES = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/local/bin/nginx", "/opt/homebrew/bin/nginx"];
// Debian asks this program before it starts a service, and 101 means no (policy-rc.d in the invoke-rc.d manual).
const POLICY = "/usr/sbin/policy-rc.d";
const FORBIDDEN = 101;
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
  if (!existsSync("/usr/bin/apt-get")) throw new Problem(`No nginx found. ${byHand}`);

  say("Installing nginx for the tests behind a proxy (Debian package, first time only)…");
  await asRoot(byHand, "apt-get", "--quiet", "--quiet", "update");
  await withoutService(() =>
    asRoot(byHand, "apt-get", "--quiet", "--quiet", "install", "--yes", "--no-install-recommends", "nginx"),
  );
  const installed = findNginx();
  if (installed) return installed;
  throw new Problem(`nginx was installed, but not in any of the usual places. ${byHand}`);
}

/** Forbids Debian to start the service, which would take port 80; a policy that the machine already has must do so too. */
async function withoutService(install) {
  if (existsSync(POLICY)) {
    if (spawnSync(POLICY, ["nginx", "start"]).status === FORBIDDEN) return install();
    throw new Problem(`${POLICY} of this machine would let nginx start on port 80. ${byHand}`);
  }
  await asRoot(byHand, "sh", "-c", `printf '#!/bin/sh\\nexit ${FORBIDDEN}\\n' > ${POLICY} && chmod 755 ${POLICY}`);
  try {
    await install();
  } finally {
    await asRoot(byHand, "rm", "-f", POLICY);
  }
}
