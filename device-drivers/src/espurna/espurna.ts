import type { Decoded, Driver, MeterMessage, Quantity, RawMessage } from "../driver.ts";
import { faultOfTopicId, readMac } from "../ids.ts";
import type { NumberUnit } from "../number.ts";
import {
  type About,
  availabilityOf,
  decodeAvailability,
  decodeRelay,
  outcomeOf,
  relayState,
  shownText,
  textOf,
} from "../outcome.ts";
import type { Collected, Field, JsonObject, Place } from "../readings.ts";
import { collect, isJsonObject, kilowattHours } from "../readings.ts";
import { roleFromName } from "../roles.ts";
import { finiteNumberIn } from "../slot.ts";

/** Relays and plugs with ESPurna. */
export const espurna: Driver = {
  dialect: "espurna",
  title: "Devices with ESPurna",
  devices: "Sonoff, Blitzwolf and other plugs and relays with ESPurna",
  reads: "power, energy, voltage, current, apparent and reactive power, power factor, relays, Wi-Fi, availability",
  switches: "relays: `<root>/relay/<n>/set` 1, 0",
  connect: "in its web page: MQTT; turn on JSON payload",
  decode(message) {
    const { levels } = message;
    if (levels.length < 2) return undefined;
    if (levels.at(-1) === "data") return decodeData(message);
    const root = levels[0] ?? "";
    if (!isFactoryName(root)) return undefined;
    const fault = faultOfTopicId(root);
    return fault ? { rejected: fault } : decodeLeaf(message, root);
  },
};

/** The name that the firmware makes of its chip's number, and that stays unless a user changes it. */
function isFactoryName(name: unknown): name is string {
  return typeof name === "string" && /^ESPURNA[_-][0-9A-F]{6}$/i.test(name);
}

const magnitudes: ReadonlyMap<string, Quantity> = new Map<string, Quantity>([
  ["power", "power_active"],
  ["active", "power_active"],
  ["apparent", "power_apparent"],
  ["reactive", "power_reactive"],
  ["factor", "power_factor"],
  ["voltage", "voltage"],
  ["current", "current"],
  ["frequency", "frequency"],
  ["energy", "energy_active"],
]);

const percent: NumberUnit = { unit: "", bareUnit: "%" };
const joules: NumberUnit = { unit: "Wh", bareUnit: "J" };

/** `<root>/data`: all magnitudes in one object, with who the device is. */
function decodeData(message: RawMessage): Decoded | undefined {
  const data = message.json();
  if (!isJsonObject(data) || !("host" in data || "mac" in data)) return undefined;
  const root = message.levels.slice(0, -1).join("/");
  const fault = faultOfTopicId(root, 128);
  if (fault) return { rejected: fault };
  const about = identityIn(data, root);
  const collected: Collected = { readings: [], dropped: [] };
  const relays: NonNullable<MeterMessage["relays"]> = {};
  for (const key of Object.keys(data).slice(0, 200)) {
    const [name = "", index = "", ...more] = key.split("/");
    const closed = name === "relay" && more.length === 0 ? relayState(data[key]) : undefined;
    if (closed !== undefined && /^\d$/.test(index)) relays[index] = closed;
    else if (more.length === 0) readMagnitude(name, data[key], index, collected);
  }
  if (Object.keys(relays).length > 0) about.relays = relays;
  if (collected.readings.length > 0) about.roles = rolesOf(collected, root);
  return outcomeOf(about, collected);
}

/** A device that its user has renamed goes by its MAC address, as it sends it. */
function identityIn(data: JsonObject, root: string): About {
  const mac = readMac(data.mac);
  const hasOwnId = mac !== undefined && !isFactoryName(data.host ?? root);
  const firmware = shownText(data.version);
  const availability = availabilityOf(data.status);
  return {
    meterId: hasOwnId ? String(data.mac) : root,
    ...(hasOwnId && { alias: root }),
    ...(mac && { mac }),
    ...(firmware !== undefined && { firmware }),
    ...(availability && { availability }),
    ...numbersIn(data),
  };
}

function numbersIn({ rssi, uptime }: JsonObject): Pick<MeterMessage, "signalDbm" | "uptimeS"> {
  const signalDbm = finiteNumberIn(rssi) ?? textNumber(rssi);
  const uptimeS = finiteNumberIn(uptime) ?? textNumber(uptime);
  return { ...(signalDbm !== undefined && { signalDbm }), ...(uptimeS !== undefined && { uptimeS }) };
}

function textNumber(value: unknown): number | undefined {
  return typeof value === "string" && /^-?\d{1,12}$/.test(value) ? Number(value) : undefined;
}

/** A device with several inputs numbers them: `power/1`. */
function readMagnitude(name: string, value: unknown, index: string, collected: Collected): void {
  const quantity = magnitudes.get(name);
  if (!quantity || (index !== "" && !/^\d$/.test(index))) return;
  const isEnergy = quantity === "energy_active";
  const field: Field = { name, quantity };
  if (quantity === "power_factor") field.meaning = percent;
  if (isEnergy) field.meaning = isInJoules(value) ? joules : kilowattHours;
  const place: Place = {
    ...(index !== "" && { channel: index }),
    ...(isEnergy && { direction: "import", period: "total" }),
  };
  collect(collected, value, field, place);
}

/** The unit is a setting that no message tells; the firmware writes kWh with decimals and joules without. */
function isInJoules(value: unknown): boolean {
  return typeof value === "string" && /^\d+$/.test(value);
}

function rolesOf({ readings }: Collected, root: string): NonNullable<MeterMessage["roles"]> {
  const role = roleFromName(root) ?? "appliance";
  return Object.fromEntries(readings.map(({ channel = "" }) => [channel, role]));
}

/** `<root>/power`, `<root>/relay/0`, `<root>/status`: a message for each value. */
function decodeLeaf(message: RawMessage, meterId: string): Decoded {
  const [, name = "", index = "", ...more] = message.levels;
  if (more.length > 0) return { ignored: "a command", meterId };
  if (name === "status") return decodeAvailability(message, { meterId });
  if (name === "relay" && /^\d$/.test(index)) return decodeRelay(message, { meterId }, index);
  const text = textOf(message, meterId);
  if (typeof text !== "string") return text.answer;
  const collected: Collected = { readings: [], dropped: [] };
  readMagnitude(name, text, index, collected);
  const mac = name === "mac" ? readMac(text) : undefined;
  if (mac) return { meters: [{ meterId, mac, readings: [] }] };
  return outcomeOf({ meterId, ...numbersIn({ [name]: text }), roles: rolesOf(collected, meterId) }, collected);
}
