import type { Decoded, Driver, Phase, RawMessage } from "../driver.ts";
import { faultOfTopicId, readMac } from "../ids.ts";
import type { Leaf } from "../leaf-table.ts";
import { factsOf, gauge, outcome, register, whyNoObject } from "../leaf-table.ts";
import type { Collected, Place } from "../readings.ts";
import { collect, isJsonObject } from "../readings.ts";

/** Wi-Fi energy meters of IAMMETER. */
export const iamMeter: Driver = {
  dialect: "iammeter",
  title: "IAMMETER energy meters",
  devices: "WEM3080, WEM3080T, WEM3046T, WEM3050T, WEM3162",
  reads: "power, voltage, current, frequency, power factor, energy from and to the grid, by phase",
  switches: "nothing",
  connect: "on the meter's page: Advanced settings, run mode MQTT, the hub's address",
  decode(message) {
    const [root, serial = "", leaf] = message.levels;
    if (root !== "device" || leaf !== "realtime" || message.levels.length !== 3) return undefined;
    const fault = faultOfTopicId(serial);
    return fault ? { rejected: fault } : decodeRealtime(message, serial);
  },
};

/** The places of a list of values: V, A, W, kWh from the grid, kWh to the grid, Hz, power factor. */
const places: readonly Leaf[] = [
  gauge("voltage"),
  gauge("current"),
  gauge("power_active"),
  register("import", "total"),
  register("export", "total"),
  gauge("frequency"),
  gauge("power_factor"),
];

const phases: readonly Phase[] = ["L1", "L2", "L3"];

/** A meter of one phase sends `Data`, one of three phases a list of such lists, `Datas`. */
function decodeRealtime(message: RawMessage, meterId: string): Decoded {
  const body = message.json();
  if (!isJsonObject(body)) return { rejected: whyNoObject(message), meterId };
  const { Data, Datas, data = Data, datas = Datas } = body;
  const collected: Collected = { readings: [], dropped: [] };
  if (Array.isArray(datas)) {
    for (const [i, phase] of phases.entries()) if (Array.isArray(datas[i])) readList(datas[i], { phase }, collected);
  } else if (Array.isArray(data)) readList(data, {}, collected);
  else return { rejected: "it has neither Data nor Datas", meterId };
  const mac = readMac(body.mac);
  const about = { meterId, channelRoles: { "": "mains" as const }, ...factsOf({ firmware: body.version }) };
  return outcome(mac === undefined ? about : { ...about, mac }, collected);
}

function readList(values: readonly unknown[], place: Place, collected: Collected): void {
  for (const [i, { quantity, meaning, ...register }] of places.entries()) {
    collect(collected, values[i], { name: quantity, quantity, ...(meaning && { meaning }) }, { ...register, ...place });
  }
}
