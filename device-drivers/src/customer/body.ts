import type { Direction, MeterTime, Period, Phase, Quantity } from "../driver.ts";
import { quantities } from "../driver.ts";
import type { NumberUnit } from "../number.ts";
import { isNotANumber, numberFromText } from "../number.ts";
import type { Collected, Field, JsonObject, Place } from "../readings.ts";
import { collect, isJsonObject, kilowattHours } from "../readings.ts";
import { finiteNumberIn } from "../slot.ts";
import { readTime } from "../time.ts";
import { energyFields } from "./energy-fields.ts";

/** What the topic says about the values of its message. */
export interface Subject {
  /** What a bare number measures; absent on a topic that carries whole messages only. */
  quantity?: Quantity;
  /** The unit of a bare number, when it is not the quantity's own. */
  bareUnit?: string;
  place: Place;
  /** What register a bare number is, on an energy topic. */
  register?: { direction: Direction; period: Period };
}

/** The other things that a payload says about its meter. */
export interface Extras {
  time?: MeterTime;
  relays?: Record<string, boolean>;
  signalDbm?: number;
  uptimeS?: number;
}

/** Reads a leaf's text: `812.5`, `1.2 kW`. */
export function readLeaf(text: string, subject: Subject, collected: Collected): void {
  const { quantity, bareUnit, place, register } = subject;
  if (quantity === undefined) {
    collected.dropped.push("the payload is not a JSON object");
    return;
  }
  const value = numberFromText(text, meaningOf(quantity, bareUnit));
  if (isNotANumber(value)) collected.dropped.push(`payload: ${value.why}`);
  else collected.readings.push({ quantity, value, ...place, ...register });
}

/** Reads the short form, the full form or `{"value": …, "unit": …}`; they may be mixed. */
export function readObject(body: JsonObject, subject: Subject, collected: Collected): Extras {
  if (subject.quantity !== undefined) readValueForm(body, subject.quantity, subject, collected);
  const data = isJsonObject(body.data) ? body.data : body;
  for (const key in data) readKey(key, data[key], subject, collected);
  return readExtras(body, collected);
}

/** `{"value": 1.2, "unit": "kW"}`, or `{"l1": 220.5, "l2": 221}` on a topic that names the quantity. */
function readValueForm(body: JsonObject, quantity: Quantity, subject: Subject, collected: Collected): void {
  const unit = typeof body.unit === "string" ? body.unit : subject.bareUnit;
  const field = { name: "value", quantity, meaning: meaningOf(quantity, unit) };
  const place = { ...subject.place, ...subject.register };
  collect(collected, body.value, field, place);
  readPhases(body, field, place, collected);
}

function meaningOf(quantity: Quantity, bareUnit: string | undefined): NumberUnit {
  const { unit } = quantities[quantity];
  return bareUnit === undefined ? { unit } : { unit, bareUnit };
}

type Reader = (value: unknown, subject: Subject, collected: Collected) => void;

/** What each key means, in the short form and inside `data` of the full form; keys are compared in lower case. */
const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ["w", reader("w", "power_active")],
  ["var", reader("var", "power_reactive")],
  ["va", reader("va", "power_apparent")],
  ["v", reader("v", "voltage")],
  ["a", reader("a", "current")],
  ["pf", reader("pf", "power_factor")],
  ["hz", reader("hz", "frequency")],
  ["wh", registerReader({ name: "wh", quantity: "energy_active" })],
  ["kwh", registerReader({ name: "kwh", quantity: "energy_active", meaning: kilowattHours })],
  ["voltage", reader("voltage", "voltage")],
  ["current", reader("current", "current")],
  ["power_factor", reader("power_factor", "power_factor")],
  ["frequency", reader("frequency", "frequency")],
  ["temperature", reader("temperature", "temperature")],
  ["humidity", reader("humidity", "humidity")],
  ["power", readPower],
  ["energy", readEnergy],
  ["thd", readThd],
]);

function readKey(key: string, value: unknown, subject: Subject, collected: Collected): void {
  const read = readers.get(key) ?? readers.get(key.toLowerCase());
  if (read) read(value, subject, collected);
}

function reader(name: string, quantity: Quantity): Reader {
  const field = { name, quantity };
  return (value, { place }, collected) => readValueOrPhases(value, field, place, collected);
}

/** A register counts import since installation, unless the topic says otherwise. */
function registerReader(field: Field): Reader {
  return (value, { place, register }, collected) => {
    collect(collected, value, field, { ...place, direction: "import", period: "total", ...register });
  };
}

const powers: readonly (readonly [key: string, field: Field])[] = [
  ["active", { name: "power.active", quantity: "power_active" }],
  ["reactive", { name: "power.reactive", quantity: "power_reactive" }],
  ["apparent", { name: "power.apparent", quantity: "power_apparent" }],
];
const power: Field = { name: "power", quantity: "power_active" };

function readPower(value: unknown, { place }: Subject, collected: Collected): void {
  readValueOrPhases(value, power, place, collected);
  if (!isJsonObject(value)) return;
  for (const [key, field] of powers) readValueOrPhases(value[key], field, place, collected);
}

function readEnergy(value: unknown, { place }: Subject, collected: Collected): void {
  if (!isJsonObject(value)) {
    if (value !== null) collected.dropped.push('energy: it must be an object such as {"total_kwh":15234.56}');
    return;
  }
  for (const key in value) {
    const known = energyFields.get(key) ?? energyFields.get(key.toLowerCase());
    if (known) collect(collected, value[key], known.field, { ...place, ...known.register });
  }
}

const thdVoltage: Field = { name: "thd.voltage", quantity: "thd_voltage" };
const thdCurrent: Field = { name: "thd.current", quantity: "thd_current" };

function readThd(value: unknown, { place }: Subject, collected: Collected): void {
  if (!isJsonObject(value)) return;
  readValueOrPhases(value.voltage, thdVoltage, place, collected);
  readValueOrPhases(value.current, thdCurrent, place, collected);
}

function readValueOrPhases(value: unknown, field: Field, place: Place, collected: Collected): void {
  if (isJsonObject(value)) readPhases(value, field, place, collected);
  else collect(collected, value, field, place);
}

const phases: ReadonlyMap<string, Phase> = new Map([
  ["l1", "L1"],
  ["l2", "L2"],
  ["l3", "L3"],
  ["n", "N"],
]);

export function phaseFromKey(key: string): Phase | undefined {
  return key.length > 2 ? undefined : (phases.get(key) ?? phases.get(key.toLowerCase()));
}

function readPhases(values: JsonObject, field: Field, place: Place, collected: Collected): void {
  for (const key in values) {
    const phase = phaseFromKey(key);
    if (phase) collect(collected, values[key], field, { ...place, phase });
    else if (isWhole(key, field.quantity)) collect(collected, values[key], field, place);
  }
}

/** Without a phase, a voltage is the mean; currents and powers are sums, so that their mean is no reading. */
function isWhole(key: string, quantity: Quantity): boolean {
  return key === "total" || (key === "avg" && !summedQuantities.has(quantity));
}

const summedQuantities: ReadonlySet<Quantity> = new Set<Quantity>([
  "power_active",
  "power_reactive",
  "power_apparent",
  "current",
]);

function readExtras(body: JsonObject, collected: Collected): Extras {
  const extras: Extras = {};
  const time = readTime(body.ts ?? body.timestamp);
  if (time && "why" in time) collected.dropped.push(`timestamp: ${time.why}`);
  else if (time) extras.time = time;
  if (isJsonObject(body.status)) readStatus(body.status, extras, collected);
  return extras;
}

const relayStates: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  ["closed", true],
  ["on", true],
  [true, true],
  ["open", false],
  ["off", false],
  [false, false],
]);

function readStatus(status: JsonObject, extras: Extras, collected: Collected): void {
  const { relay, wifi_rssi: rssi, uptime_seconds: uptime } = status;
  const closed = relayStates.get(typeof relay === "string" ? relay.toLowerCase() : relay);
  if (closed !== undefined) extras.relays = { "0": closed };
  else if (relay !== undefined && relay !== null) collected.dropped.push('status.relay: send "closed" or "open"');
  const signalDbm = finiteNumberIn(rssi);
  const uptimeS = finiteNumberIn(uptime);
  if (signalDbm !== undefined) extras.signalDbm = signalDbm;
  if (uptimeS !== undefined) extras.uptimeS = uptimeS;
}
