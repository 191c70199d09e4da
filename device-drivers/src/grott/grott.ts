import type { Decoded, Driver } from "../driver.ts";
import { faultOfPayloadId } from "../ids.ts";
import type { About, Roles } from "../leaf-table.ts";
import { outcome, readLeaves } from "../leaf-table.ts";
import type { Collected, JsonObject } from "../readings.ts";
import { isJsonObject } from "../readings.ts";
import { numberIn } from "../slot.ts";
import { readTime } from "../time.ts";
import { phaseLeaves, readGrid, singlePhaseLeaves, storageLeaves, totalLeaves } from "./values.ts";

/** Growatt inverters whose data logger is read on its way to Growatt's server by the program Grott. */
export const grott: Driver = {
  dialect: "grott",
  title: "Growatt inverters (Grott)",
  devices: "Growatt MIC, MIN, MOD, MAX, SPH, SPA and SPF with a ShineWiFi or ShineLAN logger, read by Grott",
  reads:
    "power, voltage, current by phase, frequency, energy of today and in total; of hybrids also grid, home and battery",
  switches: "nothing",
  connect: "in grott.ini: [MQTT] ip = the hub's address, topic = energy/growatt",
  decode(message) {
    if (!/growatt|grott/i.test(message.topic)) return undefined;
    const body = message.json();
    if (!isJsonObject(body) || !isJsonObject(body.values) || !("device" in body)) return undefined;
    const fault = faultOfPayloadId(body.device);
    return fault ? { rejected: fault } : decodeRecord(body, body.values, body.device as string);
  },
};

const roles: Roles = { "": "solar", grid: "mains", load: "circuit", battery: "battery" };

function decodeRecord({ buffered, time: ownTime }: JsonObject, values: JsonObject, meterId: string): Decoded {
  // Its time has no zone, and taken at its arrival it would be the newest.
  if (buffered === "yes") return { ignored: "a record from before, which the logger had kept", meterId };
  const collected: Collected = { readings: [], dropped: [] };
  const isThreePhase = (numberIn(values.pvgridvoltage2) ?? 0) > 0;
  readLeaves(values, totalLeaves, collected);
  readLeaves(values, isThreePhase ? phaseLeaves : singlePhaseLeaves, collected);
  readLeaves(values, storageLeaves, collected);
  readGrid(values, collected);
  const about: About = { meterId, channelRoles: roles };
  const time = readTime(ownTime);
  return outcome(time && !("why" in time) ? { ...about, time } : about, collected);
}
