/** `bridge/devices`: what each device is, and what its properties mean. */
import type { Decoded, Definition, MeterMessage } from "../driver.ts";
import { faultOfTopicId } from "../ids.ts";
import { shownText } from "../outcome.ts";
import type { JsonObject } from "../readings.ts";
import { isJsonObject } from "../readings.ts";
import { type Layout, layoutOf, parseProperty } from "./properties.ts";

/** Zigbee networks are smaller; a longer list is a fault of its sender. */
const maxDevices = 500;
const maxProperties = 200;
/** Friendly names may have levels. */
export const maxNameLength = 128;

/** The address that a device keeps whatever it is called. */
export function isIeeeAddress(text: unknown): text is string {
  return typeof text === "string" && /^0x[0-9a-f]{16}$/.test(text);
}

/** The meters among the devices, by their address, with the names under which their messages come. */
export function decodeDevices(json: unknown, base: string): Decoded {
  if (!Array.isArray(json)) return { rejected: "the list of devices is not a JSON list" };
  const meters: MeterMessage[] = [];
  const list: Definition[] = [];
  for (const device of json.slice(0, maxDevices)) {
    if (!isJsonObject(device) || !isIeeeAddress(device.ieee_address)) continue;
    const names = electricalNames(device.definition);
    const name = shownText(device.friendly_name);
    if (names.length === 0 || name === undefined || faultOfTopicId(name, maxNameLength)) continue;
    const alias = base === "zigbee2mqtt" ? name : `${base}/${name}`;
    meters.push(meterOf(device, device.ieee_address, { name, alias }));
    const layout = layoutOf(names);
    if (layout.hasLetterPhases || layout.ofFirstPhase.length > 0 || names.some((name) => /_[abc]$/.test(name)))
      list.push(definitionOf(`${base}/${name}`, names, layout));
  }
  const defines = { source: `${base}/bridge/devices`, list: list.slice(0, 64) };
  return meters.length > 0 ? { meters, defines } : { ignored: "a list without meters", defines };
}

function meterOf(device: JsonObject, meterId: string, { name, alias }: { name: string; alias: string }): MeterMessage {
  const { definition } = device;
  const maker = isJsonObject(definition) ? shownText(definition.vendor) : undefined;
  const type = isJsonObject(definition) ? shownText(definition.model) : undefined;
  const model = shownText([maker, type].filter((part) => part !== undefined).join(" "));
  const firmware = shownText(device.software_build_id);
  return {
    meterId,
    ...(alias !== meterId && { alias }),
    ...(name !== meterId && { name }),
    ...(model !== undefined && { model }),
    ...(firmware !== undefined && { firmware }),
    readings: [],
  };
}

/** The properties of electricity that a device has; none for one that measures neither power nor current nor energy. */
function electricalNames(definition: unknown): string[] {
  const exposes = isJsonObject(definition) && Array.isArray(definition.exposes) ? definition.exposes : [];
  const names = exposes
    .slice(0, maxProperties)
    .map((one: unknown) => (isJsonObject(one) ? (one.property ?? one.name) : undefined))
    .filter((name): name is string => typeof name === "string" && parseProperty(name) !== undefined);
  return names.some((name) => parseProperty(name)?.property.quantity !== "voltage") ? names : [];
}

function definitionOf(topic: string, names: readonly string[], layout: Layout): Definition {
  return { topics: [topic, ...names.slice(0, 100).map((name) => `${topic}/${name}`)], data: { ...layout } };
}
