import type { Decoded, Driver, RawMessage } from "../driver.ts";
import { faultOfTopicId } from "../ids.ts";
import type { Roles } from "../leaf-table.ts";
import { decodeValue, facts, factsOf, gauge, leafTable, outcome, registerWh } from "../leaf-table.ts";
import type { NumberUnit } from "../number.ts";
import type { Collected, JsonObject } from "../readings.ts";
import { collect, isJsonObject } from "../readings.ts";
import { finiteNumberIn } from "../slot.ts";
import { readSensors, sensorsOfStatus, sensorsOfValue } from "./sensors.ts";

/** Charging stations of go-e, with both of its MQTT interfaces. */
export const goECharger: Driver = {
  dialect: "go-echarger",
  title: "go-e chargers",
  devices: "go-eCharger HOME, Gemini, PRO and CORE (API v2), go-eCharger V1 and V2 (API v1)",
  reads: "power, voltage and current by phase, energy in total, Wi-Fi, name, firmware",
  switches: "nothing",
  connect: "in the go-e app: Internet › Advanced settings › MQTT, the hub's address",
  decode(message) {
    const [root, serial = "", key, action] = levelsOf(message);
    if (root !== "go-eCharger" || key === undefined) return undefined;
    const fault = faultOfTopicId(serial);
    if (fault) return { rejected: fault };
    if (action !== undefined || key === "cmd") return { ignored: "a command", meterId: serial };
    if (message.payload.length === 0) return { ignored: "a retained message was cleared", meterId: serial };
    const value = message.json();
    if (value === undefined) return { rejected: "the payload is not JSON", meterId: serial };
    return key === "status" ? decodeStatus(value, serial) : decodeKey(key, value, serial);
  },
};

/** Some firmware puts a slash before the topic. */
function levelsOf({ levels }: RawMessage): readonly string[] {
  return levels[0] === "" ? levels.slice(1) : levels;
}

/** https://github.com/goecharger/go-eCharger-API-v2/blob/main/apikeys-en.md */
const leaves = leafTable({
  tpa: gauge("power_active"),
  eto: registerWh("import", "total"),
});

const channelRoles: Roles = { "": "ev" };

/** API v2: each value on its topic, as JSON. */
function decodeKey(key: string, value: unknown, meterId: string): Decoded {
  if (value === null) return { ignored: "a value that is not known", meterId };
  const leaf = leaves.get(key);
  if (leaf) return decodeValue(value, leaf, { meterId, channelRoles });
  if (key === "nrg") {
    if (!Array.isArray(value)) return { rejected: "nrg is not a list", meterId };
    const collected: Collected = { readings: [], dropped: [] };
    readSensors(value, sensorsOfValue, collected);
    return outcome({ meterId, channelRoles }, collected);
  }
  if (key === "fna") return facts({ meterId, ...factsOf({ name: value }) });
  if (key === "typ") return facts({ meterId, ...factsOf({ model: value }) });
  if (key === "fwv") return facts({ meterId, ...factsOf({ firmware: value }) });
  if (key === "rssi") return facts({ meterId, ...factsOf({ signalDbm: value }) });
  const sinceStartMs = key === "rbt" ? finiteNumberIn(value) : undefined;
  if (sinceStartMs !== undefined) return facts({ meterId, uptimeS: Math.round(sinceStartMs / 1000) });
  return { ignored: "no measurement", meterId };
}

/** API v1 counts tenths of a kWh. */
const tenthsOfKilowattHours: NumberUnit = { unit: "Wh", times: 100 };
const totalOfStatus = { quantity: "energy_active", direction: "import", period: "total" } as const;

/** API v1: all values in one object, most of them as text. */
function decodeStatus(status: unknown, meterId: string): Decoded {
  if (status === null) return { ignored: "a charger that does not speak this version", meterId };
  if (!isJsonObject(status)) return { rejected: "the status is not a JSON object", meterId };
  const collected: Collected = { readings: [], dropped: [] };
  if (Array.isArray(status.nrg)) readSensors(status.nrg, sensorsOfStatus, collected);
  readTotal(status, collected);
  return outcome({ meterId, channelRoles, ...factsOf({ firmware: status.fwv }) }, collected);
}

function readTotal(status: JsonObject, collected: Collected): void {
  const { quantity, ...place } = totalOfStatus;
  collect(collected, status.eto, { name: "eto", quantity, meaning: tenthsOfKilowattHours }, place);
}
