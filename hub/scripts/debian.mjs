/** Installs Debian packages that tests and benchmarks need. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { Problem, runChild } from "./node.mjs";

// Debian asks this program before it starts a service, and 101 means no (policy-rc.d in the invoke-rc.d manual).
const POLICY = "/usr/sbin/policy-rc.d";
const FORBIDDEN = 101;

/** Whether this machine has Debian's package manager. */
export function hasApt() {
  return existsSync("/usr/bin/apt-get");
}

/**
 * Installs packages without starting `services`. Throws Problem when that is not possible here; `byHand` tells people
 * what to do then.
 */
export async function installPackages(packages, { byHand, services = [] }) {
  const apt = (...args) => asRoot(byHand, "apt-get", "--quiet", "--quiet", ...args);
  await apt("update");
  await withoutServices(services, byHand, () => apt("install", "--yes", "--no-install-recommends", ...packages));
}

/** Forbids Debian to start services while `install` runs; a policy that the machine already has must forbid it too. */
async function withoutServices(services, byHand, install) {
  if (services.length === 0) return install();
  if (existsSync(POLICY)) {
    const allowed = services.filter((name) => spawnSync(POLICY, [name, "start"]).status !== FORBIDDEN);
    if (allowed.length === 0) return install();
    throw new Problem(`${POLICY} of this machine would let the services of ${allowed.join(", ")} start. ${byHand}`);
  }
  await asRoot(byHand, "sh", "-c", `printf '#!/bin/sh\\nexit ${FORBIDDEN}\\n' > ${POLICY} && chmod 755 ${POLICY}`);
  try {
    await install();
  } finally {
    await asRoot(byHand, "rm", "-f", POLICY);
  }
}

async function asRoot(byHand, ...command) {
  const sudo = process.getuid() === 0 ? [] : ["sudo", ...(process.stdin.isTTY ? [] : ["--non-interactive"])];
  const [file, ...args] = [...sudo, "env", "DEBIAN_FRONTEND=noninteractive", ...command];
  // apt lists every package that it unpacks; only what it says when it fails matters.
  const result = await runChild(file, args, { stdio: ["inherit", "ignore", "pipe"] }).catch((error) => {
    throw error.code === "ENOENT" ? new Problem(`${file} is not here. ${byHand}`) : error;
  });
  if (result.code !== 0) throw new Problem(`${result.stderr.trim()}\n\n\`${command.join(" ")}\` failed. ${byHand}`);
}
