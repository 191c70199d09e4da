/** How many bytes on disk a sample takes: a home of 20 metrics at 1 Hz, with a regular clock and with a jittered one. */
import type { Figure } from "./lib/figures.ts";
import { type Fleet, meterLines } from "./lib/fleet.ts";
import { metricCount } from "./lib/household.ts";
import { checkTaken, type HubProcess } from "./lib/hub.ts";
import { burst } from "./lib/load.ts";
import { databaseKinds, installedDatabases } from "./lib/peers.ts";
import type { Run } from "./lib/processes.ts";
import { databaseSize, hubSize } from "./lib/sizes.ts";

/** Gives bytes a sample that the meter measured; the hub stores one sum of currents more, which is not counted. */
export async function* bytes(run: Run): AsyncGenerator<Figure> {
  const messages = (run.isQuick ? 6 : 24) * 3600;
  const samples = messages * metricCount;
  const kinds = installedDatabases(run);
  for (const [name, jitterMs] of [
    ["bytes_regular", 0],
    ["bytes_jittered", 8],
  ] as const) {
    const startMs = Date.UTC(2026, 1, 6);
    const fleet: Fleet = { form: "full", name: "meter", meters: 1, messages, startMs, spacingMs: 1_000, jitterMs };
    const fill = async (hub: HubProcess) => {
      await burst(run, { port: hub.mqttPort, fleet, qos: 0, inFlight: 100 });
      await checkTaken(hub, messages);
    };
    const value = (await hubSize(run, fill)) / samples;
    for (const peer of databaseKinds) {
      const peerValue = kinds.includes(peer) ? (await databaseSize(run, peer, meterLines(fleet, 0))) / samples : null;
      yield { name, value, unit: "bytes/sample", peer, peerValue, better: "less" };
    }
  }
}
