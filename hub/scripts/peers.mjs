/** Installs the programs that the benchmarks compare the hub with: Debian's packages, without starting their services. */
import { existsSync } from "node:fs";
import { hasApt, installPackages } from "./debian.mjs";
import { Problem, say } from "./node.mjs";

export { Problem };

/** Each package with the program that it brings. */
const PROGRAMS = {
  mosquitto: "/usr/sbin/mosquitto",
  influxdb: "/usr/bin/influxd",
  "victoria-metrics": "/usr/bin/victoria-metrics",
};

/** The path of a peer's program, or null when it is not installed. */
export function findPeer(name, { exists = existsSync } = {}) {
  const program = PROGRAMS[name];
  return exists(program) ? program : null;
}

/** Installs those of `names` that are missing, all peers by default; throws Problem when that is not possible here. */
export async function installPeers(names = Object.keys(PROGRAMS)) {
  const missing = names.filter((name) => !findPeer(name));
  if (missing.length === 0) return say("All peers are installed.");
  const byHand = `Install ${missing.join(", ")} by hand; the benchmarks run without them too, and then name no peer.`;
  if (!hasApt()) throw new Problem(`There is no apt-get here. ${byHand}`);

  say(`Installing ${missing.join(", ")} (Debian packages); their services are not started…`);
  await installPackages(missing, { byHand, services: missing });
  const absent = missing.filter((name) => !findPeer(name));
  if (absent.length > 0) throw new Problem(`Installed, but not in the usual place: ${absent.join(", ")}.`);
}
