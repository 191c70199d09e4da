/** Zigbee devices behind a bridge with Tasmota: `{"ZbReceived":{"Plug":{"Device":"0x4F20","ActivePower":12}}}`. */
import type { MeterMessage } from "../driver.ts";
import { faultOfTopicId } from "../ids.ts";
import type { Collected, Field, JsonObject } from "../readings.ts";
import { collect, isJsonObject } from "../readings.ts";
import { roleFromName } from "../roles.ts";

/** Currents and energies are not read: their units depend on the plug. */
const fields: readonly Field[] = [
  { name: "ActivePower", quantity: "power_active" },
  { name: "RMSVoltage", quantity: "voltage" },
];

const maxDevices = 100;

/** A meter for each device that measures electricity; the bridge's place and the device's name are its id. */
export function readZigbee(received: JsonObject, bridge: string): MeterMessage[] {
  return Object.entries(received)
    .slice(0, maxDevices)
    .flatMap(([name, device]) => (isJsonObject(device) ? meterOf(device, name, bridge) : []));
}

function meterOf(device: JsonObject, name: string, bridge: string): MeterMessage[] {
  const meterId = `${bridge}/${name}`;
  const collected: Collected = { readings: [], dropped: [] };
  for (const field of fields) collect(collected, device[field.name], field, {});
  if (collected.readings.length === 0 || faultOfTopicId(name) || meterId.length > 200) return [];
  return [{ meterId, name, readings: collected.readings, roles: { "": roleFromName(name) ?? "appliance" } }];
}
