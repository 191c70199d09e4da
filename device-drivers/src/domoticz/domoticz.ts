import type { Decoded, Direction, Driver, Period, Quantity } from "../driver.ts";
import { type About, numberText, outcomeOf, shownText } from "../outcome.ts";
import type { Collected, JsonObject } from "../readings.ts";
import { collect, isJsonObject } from "../readings.ts";
import { roleFromName } from "../roles.ts";

/** Domoticz, and devices that report to it. */
export const domoticz: Driver = {
  dialect: "domoticz",
  title: "Domoticz and devices that report to it",
  devices: "the sensors of a Domoticz server; Tasmota, ESPEasy and ESPurna set to Domoticz",
  reads: "power and energy of kWh and P1 sensors, usage, voltage, current, switches, names",
  switches: 'devices: `domoticz/in` {"command":"switchlight","idx":<idx>,"switchcmd":"On"}',
  connect: "in Domoticz: Setup, Hardware, add MQTT Client Gateway with LAN interface",
  decode(message) {
    const { levels } = message;
    if (levels[0] !== "domoticz" || (levels[1] !== "in" && levels[1] !== "out")) return undefined;
    const body = message.json();
    if (!isJsonObject(body)) return { rejected: "the payload is not a whole JSON object" };
    const idx = numberText(body.idx) ?? (typeof body.idx === "string" ? body.idx : "");
    if (!/^\d{1,9}$/.test(idx)) return { ignored: "a message without an index of a device" };
    const meterId = `domoticz/${idx}`;
    return levels[1] === "in" ? decodeInput(body, meterId) : decodeOutput(body, meterId);
  },
};

interface Value {
  quantity: Quantity;
  phase?: "L1" | "L2" | "L3";
  direction?: Direction;
  period?: Period;
  isExported?: true;
}

const energyTotal = { quantity: "energy_active", direction: "import", period: "total" } as const;

/** What the values of a P1 meter are: registers of two tariffs, then the powers in both directions. */
const p1Meter: readonly Value[] = [
  { quantity: "energy_active", direction: "import", period: "tariff1" },
  { quantity: "energy_active", direction: "import", period: "tariff2" },
  { quantity: "energy_active", direction: "export", period: "tariff1" },
  { quantity: "energy_active", direction: "export", period: "tariff2" },
  { quantity: "power_active" },
  { quantity: "power_active", isExported: true },
];

/** By the subtype of a sensor: what its values are, in order. */
const subtypes: ReadonlyMap<unknown, readonly Value[]> = new Map<unknown, readonly Value[]>([
  ["kWh", [{ quantity: "power_active" }, energyTotal]],
  ["Energy", p1Meter],
  ["Electric", [{ quantity: "power_active" }]],
  ["Voltage", [{ quantity: "voltage" }]],
  ["Current", [{ quantity: "current" }]],
  [
    "CM113, Electrisave",
    [
      { quantity: "current", phase: "L1" },
      { quantity: "current", phase: "L2" },
      { quantity: "current", phase: "L3" },
    ],
  ],
]);

/** `domoticz/out`: what Domoticz knows of a device, with its name and kind. */
function decodeOutput(body: JsonObject, meterId: string): Decoded {
  const name = shownText(body.name);
  const about: About = { meterId, ...(name !== undefined && { name }) };
  const { nvalue } = body;
  if (body.stype === "Switch" && body.dtype === "Light/Switch") {
    const state = numberText(nvalue);
    const closed = state === undefined ? undefined : state === "1";
    return closed === undefined
      ? { rejected: "the switch has no nvalue", meterId }
      : { meters: [{ ...about, readings: [], relays: { "0": closed } }] };
  }
  const values = subtypes.get(body.stype);
  if (!values) return { ignored: "a device that does not measure electricity", meterId };
  return decodeValues(
    about,
    values,
    values.map((_, i) => body[`svalue${i + 1}`]),
    body.stype === "Energy",
  );
}

/** `domoticz/in`: what a device reports; how many values there are tells what they are. */
function decodeInput({ svalue }: JsonObject, meterId: string): Decoded {
  const parts = typeof svalue === "string" && svalue.length <= 200 ? svalue.split(";") : [];
  const values = parts.length === 2 ? subtypes.get("kWh") : parts.length === 6 ? p1Meter : undefined;
  if (!values) return { ignored: "a value whose quantity only Domoticz knows", meterId };
  return decodeValues({ meterId }, values, parts, parts.length === 6);
}

function decodeValues(about: About, values: readonly Value[], texts: readonly unknown[], isSupply: boolean): Decoded {
  const collected: Collected = { readings: [], dropped: [] };
  for (const [i, { isExported, quantity, ...place }] of values.entries()) {
    const name = `svalue${i + 1}`;
    // Of the two powers of a P1 meter one is 0: the other one is the power, exported with the sign of that.
    if (isExported) collectExported(collected, texts[i], name);
    else if (i !== 4 || !isPositive(texts[5])) collect(collected, texts[i], { name, quantity }, place);
  }
  if (collected.readings.length > 0)
    about.roles = { "": roleFromName(about.name ?? "") ?? (isSupply ? "mains" : "appliance") };
  return outcomeOf(about, collected);
}

function collectExported(collected: Collected, text: unknown, name: string): void {
  if (isPositive(text)) collect(collected, `-${text}`, { name, quantity: "power_active" }, {});
}

function isPositive(text: unknown): boolean {
  return typeof text === "string" && /^\d+(?:\.\d+)?$/.test(text) && Number(text) > 0;
}
