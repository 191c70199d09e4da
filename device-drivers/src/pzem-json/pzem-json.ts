import type { Decoded, Driver } from "../driver.ts";
import { faultOfTopicId } from "../ids.ts";
import { outcomeOf } from "../outcome.ts";
import type { Collected, Field, JsonObject, Place } from "../readings.ts";
import { collect, isJsonObject, kilowattHours } from "../readings.ts";
import { roleFromName } from "../roles.ts";

/** Sketches that publish the six values of a PZEM-004T under the names of its library. */
export const pzemJson: Driver = {
  dialect: "pzem-json",
  title: "PZEM-004T sketches",
  devices: "PZEM-004T v3 on an Arduino or ESP board with the library PZEM-004T-v30",
  reads: "power, energy, voltage, current, power factor, frequency",
  switches: "nothing",
  connect: "publish one JSON object a meter on a topic such as pzem/kitchen",
  isFallback: true,
  decode(message) {
    if (message.payload[0] !== 0x7b || !message.topic.toLowerCase().includes("pzem")) return undefined;
    const body = message.json();
    if (!isJsonObject(body) || !("voltage" in body) || !("current" in body) || !("power" in body)) return undefined;
    const fault = faultOfTopicId(message.topic, 128);
    return fault ? { rejected: fault } : decodeBody(body, message.topic);
  },
};

/** As the library's functions are called; `energy()` returns kWh. */
const fields: readonly (Field & { place?: Place })[] = [
  { name: "voltage", quantity: "voltage" },
  { name: "current", quantity: "current" },
  { name: "power", quantity: "power_active" },
  {
    name: "energy",
    quantity: "energy_active",
    meaning: kilowattHours,
    place: { direction: "import", period: "total" },
  },
  { name: "frequency", quantity: "frequency" },
  { name: "pf", quantity: "power_factor" },
];

function decodeBody(body: JsonObject, meterId: string): Decoded {
  const collected: Collected = { readings: [], dropped: [] };
  for (const { place = {}, ...field } of fields) collect(collected, body[field.name], field, place);
  return outcomeOf({ meterId, roles: { "": roleFromName(meterId) ?? "appliance" } }, collected);
}
