/** Installs the programs that the benchmarks compare the hub with: Debian's packages, without starting their services. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { Problem, runChild, say } from "./node.mjs";

export { Problem };

/** Each package with the program that it brings. */
const PROGRAMS = {
  mosquitto: "/usr/sbin/mosquitto",
  influxdb: "/usr/bin/influxd",
  "victoria-metrics": "/usr/bin/victoria-metrics",
};
// Debian asks this program before it starts a service, and 101 means no (policy-rc.d in the invoke-rc.d manual).
const POLICY = "/usr/sbin/policy-rc.d";
const FORBIDDEN = 101;

/** The path of a peer's program, or null when it is not installed. */
export function findPeer(name, { exists = existsSync } = {}) {
  const program = PROGRAMS[name];
  return exists(program) ? program : null;
}

/** Installs the peers that are missing; throws Problem when that is not possible here. */
export async function installPeers() {
  const missing = Object.keys(PROGRAMS).filter((name) => !findPeer(name));
  if (missing.length === 0) return say("All peers are installed.");
  if (!existsSync("/usr/bin/apt-get")) throw new Problem(`There is no apt-get here. ${byHand(missing)}`);

  say(`Installing ${missing.join(", ")} (Debian packages); their services are not started…`);
  await asRoot(["apt-get", "--quiet", "--quiet", "update"], missing);
  await withoutServices(missing, () =>
    asRoot(["apt-get", "--quiet", "--quiet", "install", "--yes", "--no-install-recommends", ...missing], missing),
  );
  const absent = missing.filter((name) => !findPeer(name));
  if (absent.length > 0) throw new Problem(`Installed, but not in the usual place: ${absent.join(", ")}.`);
}

/** Forbids Debian to start services while `install` runs; a policy that the machine already has must forbid it too. */
async function withoutServices(names, install) {
  if (existsSync(POLICY)) {
    const allowed = names.filter((name) => spawnSync(POLICY, [name, "start"]).status !== FORBIDDEN);
    if (allowed.length === 0) return install();
    throw new Problem(
      `${POLICY} of this machine would let the services of ${allowed.join(", ")} start. ${byHand(names)}`,
    );
  }
  await asRoot(["sh", "-c", `printf '#!/bin/sh\\nexit ${FORBIDDEN}\\n' > ${POLICY} && chmod 755 ${POLICY}`], names);
  try {
    await install();
  } finally {
    await asRoot(["rm", "-f", POLICY], names);
  }
}

async function asRoot(command, names) {
  const sudo = process.getuid() === 0 ? [] : ["sudo", ...(process.stdin.isTTY ? [] : ["--non-interactive"])];
  const [file, ...args] = [...sudo, "env", "DEBIAN_FRONTEND=noninteractive", ...command];
  // apt lists every package that it unpacks; only what it says when it fails matters.
  const result = await runChild(file, args, { stdio: ["inherit", "ignore", "pipe"] }).catch((error) => {
    throw error.code === "ENOENT" ? new Problem(`${file} is not here. ${byHand(names)}`) : error;
  });
  if (result.code !== 0)
    throw new Problem(`${result.stderr.trim()}\n\`${command.join(" ")}\` failed. ${byHand(names)}`);
}

function byHand(names) {
  return `Install ${names.join(", ")} by hand; the benchmarks run without them too, and then name no peer.`;
}
