import type { Direction, MeterMessage, Phase, Role } from "../driver.ts";
import type { Collected, Field, JsonObject, Place } from "../readings.ts";
import { collect, isJsonObject } from "../readings.ts";
import { finiteNumberIn } from "../slot.ts";

/** What components say about their device beside readings. */
export type DeviceFacts = Pick<MeterMessage, "mac" | "relays" | "signalDbm" | "uptimeS" | "roles">;

/** Adds what one component says: `switch:0` has the type `switch` and the index "0". */
type ReadComponent = (status: JsonObject, index: string, collected: Collected, facts: DeviceFacts) => void;

/** Components with something to read; the others (`input`, `script`, `cloud`, …) say nothing about electricity. */
export const components: ReadonlyMap<string, ReadComponent> = new Map<string, ReadComponent>([
  ["switch", readOutput],
  ["light", readOutput],
  ["rgb", readOutput],
  ["rgbw", readOutput],
  ["cct", readOutput],
  ["rgbcct", readOutput],
  ["cover", readConsumer],
  ["pm1", readConsumer],
  ["em", readSupply],
  ["emdata", readSupplyData],
  ["em1", readClamp],
  ["em1data", readClampData],
  ["temperature", readTemperature],
  ["humidity", readHumidity],
  ["sys", readSystem],
  ["wifi", readWifi],
]);

/** Names that the firmware uses for the same thing in its different components. */
const instants = instantFields("");

/** The inputs of a three-phase meter, by the prefix of their keys; `total_` is their sum. */
const supplyInputs = [
  supplyInput("a_", "L1"),
  supplyInput("b_", "L2"),
  supplyInput("c_", "L3"),
  supplyInput("n_", "N"),
  supplyInput("total_", undefined),
];

function supplyInput(prefix: string, phase: Phase | undefined) {
  return {
    place: phase ? { phase } : {},
    instants: instantFields(prefix),
    registers: phase ? registerFields(`${prefix}total_act_energy`, `${prefix}total_act_ret_energy`) : [],
  };
}

const clampRegisters = registerFields("total_act_energy", "total_act_ret_energy");
const sumRegisters = registerFields("total_act", "total_act_ret");
const [consumed, returned] = registerFields("aenergy.total", "ret_aenergy.total");
const roomTemperature: Field = { name: "tC", quantity: "temperature" };
const roomHumidity: Field = { name: "rh", quantity: "humidity" };

function instantFields(prefix: string): readonly Field[] {
  return [
    { name: `${prefix}apower`, quantity: "power_active" },
    { name: `${prefix}act_power`, quantity: "power_active" },
    { name: `${prefix}aprtpower`, quantity: "power_apparent" },
    { name: `${prefix}aprt_power`, quantity: "power_apparent" },
    { name: `${prefix}voltage`, quantity: "voltage" },
    { name: `${prefix}current`, quantity: "current" },
    { name: `${prefix}pf`, quantity: "power_factor" },
    { name: `${prefix}freq`, quantity: "frequency" },
  ];
}

interface RegisterField extends Field {
  direction: Direction;
}

function registerFields(imported: string, exported: string): [RegisterField, RegisterField] {
  return [
    { name: imported, quantity: "energy_active", direction: "import" },
    { name: exported, quantity: "energy_active", direction: "export" },
  ];
}

function readOutput(status: JsonObject, index: string, collected: Collected, facts: DeviceFacts): void {
  if (typeof status.output === "boolean") facts.relays = { ...facts.relays, [index]: status.output };
  readConsumer(status, index, collected, facts);
}

function readConsumer(status: JsonObject, index: string, collected: Collected, facts: DeviceFacts): void {
  const place = { channel: index };
  const before = collected.readings.length;
  readFields(status, instants, place, collected);
  const { aenergy, ret_aenergy } = status;
  if (isJsonObject(aenergy)) readRegister(aenergy.total, consumed, place, collected);
  if (isJsonObject(ret_aenergy)) readRegister(ret_aenergy.total, returned, place, collected);
  if (collected.readings.length > before) suggestRole(facts, index, "appliance");
}

function readSupply(status: JsonObject, index: string, collected: Collected, facts: DeviceFacts): void {
  const supply = supplyPlace(index);
  for (const { instants: fields, place } of supplyInputs)
    readFields(status, fields, { ...supply, ...place }, collected);
  if (!("total_act_power" in status)) readFields(status, instants, supply, collected);
  suggestRole(facts, supply.channel ?? "", "mains");
}

function readSupplyData(status: JsonObject, index: string, collected: Collected, facts: DeviceFacts): void {
  const supply = supplyPlace(index);
  for (const { registers, place } of supplyInputs) readRegisters(status, registers, { ...supply, ...place }, collected);
  readRegisters(status, sumRegisters, supply, collected);
  suggestRole(facts, supply.channel ?? "", "mains");
}

function readClamp(status: JsonObject, index: string, collected: Collected, facts: DeviceFacts): void {
  readFields(status, instants, { channel: index }, collected);
  suggestRole(facts, index, clampRole(index));
}

function readClampData(status: JsonObject, index: string, collected: Collected, facts: DeviceFacts): void {
  readRegisters(status, clampRegisters, { channel: index }, collected);
  suggestRole(facts, index, clampRole(index));
}

/** The first clamp of a meter goes on the supply, by its manual; the others wherever the user wants. */
function clampRole(index: string): Role {
  return index === "0" ? "mains" : "circuit";
}

/** A three-phase meter has one input, `em:0`; only a second one needs a name. */
function supplyPlace(index: string): Place {
  return index === "0" ? {} : { channel: index };
}

function readFields(status: JsonObject, fields: readonly Field[], place: Place, collected: Collected): void {
  for (const field of fields) {
    const value = status[field.name];
    if (value !== undefined) collect(collected, value, field, place);
  }
}

function readRegisters(status: JsonObject, fields: readonly RegisterField[], place: Place, collected: Collected): void {
  for (const field of fields) readRegister(status[field.name], field, place, collected);
}

function readRegister(value: unknown, field: RegisterField, place: Place, collected: Collected): void {
  if (value !== undefined) collect(collected, value, field, { ...place, direction: field.direction, period: "total" });
}

/** Probes of the add-on count from 100; below is the heat of the device itself. */
function readTemperature(status: JsonObject, index: string, collected: Collected): void {
  if (Number(index) >= 100) readRoomTemperature(status, index, collected);
}

export function readRoomTemperature(status: JsonObject, index: string, collected: Collected): void {
  collect(collected, status.tC, roomTemperature, { channel: index });
}

function readHumidity(status: JsonObject, index: string, collected: Collected): void {
  collect(collected, status.rh, roomHumidity, { channel: index });
}

function readSystem(status: JsonObject, _index: string, _collected: Collected, facts: DeviceFacts): void {
  if (typeof status.mac === "string" && /^[0-9A-Fa-f]{12}$/.test(status.mac)) facts.mac = status.mac.toUpperCase();
  const uptimeS = finiteNumberIn(status.uptime);
  if (uptimeS !== undefined) facts.uptimeS = uptimeS;
}

function readWifi(status: JsonObject, _index: string, _collected: Collected, facts: DeviceFacts): void {
  const signalDbm = finiteNumberIn(status.rssi);
  if (signalDbm !== undefined) facts.signalDbm = signalDbm;
}

function suggestRole(facts: DeviceFacts, channel: string, role: Role): void {
  facts.roles = { ...facts.roles, [channel]: role };
}
