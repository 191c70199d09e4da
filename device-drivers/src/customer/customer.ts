import type { Decoded, Driver, MeterMessage, Quantity, RawMessage, Role } from "../driver.ts";
import { faultOfPayloadId, faultOfTopicId } from "../ids.ts";
import type { Collected } from "../readings.ts";
import { isJsonObject, reasonOf } from "../readings.ts";
import { roleFromName } from "../roles.ts";
import type { Extras, Subject } from "./body.ts";
import { phaseFromKey, readLeaf, readObject } from "./body.ts";
import { periodNames } from "./energy-fields.ts";
import { decodeAllStatuses, decodeStatus } from "./status.ts";

/** The product's own topic tree: `home/{home_id}/sensor|device|cmd|system/…`. */
export const customer: Driver = {
  dialect: "customer",
  title: "Meters that speak Faiban's own format",
  devices: "meters made for Faiban, and whatever a maker programs",
  reads:
    "power, voltage, current, power factor, frequency, energy, THD, temperature, humidity, relay, Wi-Fi, availability",
  switches: "the relay, restart, settings, calibration: `home/<home>/cmd/<id>/switch`, `reboot`, `config`, `calibrate`",
  connect: "publish on home/<home>/device/<id>/telemetry; firmware has ready-made meters",
  decode(message) {
    const [root, homeId, branch] = message.levels;
    if (root !== "home" || homeId === undefined || branch === undefined) return undefined;
    if (branch !== "sensor" && branch !== "device" && branch !== "cmd" && branch !== "system") return undefined;
    const fault = faultOfTopicId(homeId);
    if (fault) return { rejected: fault };
    if (branch === "sensor") return decodeSensor(message, homeId);
    if (branch === "device") return decodeDevice(message, homeId);
    if (branch === "system") return { ignored: "a message of the hub itself" };
    return {
      ignored: message.levels.length > 4 && message.levels.at(-1) === "result" ? "a command's result" : "a command",
    };
  },
};

/** The meter of a topic that names a quantity but no device. */
const homeMeterId = "main";

const quantityNames: ReadonlyMap<string, Quantity> = new Map([
  ["power", "power_active"],
  ["voltage", "voltage"],
  ["current", "current"],
  ["frequency", "frequency"],
  ["power_factor", "power_factor"],
  ["energy", "energy_active"],
  ["temperature", "temperature"],
  ["humidity", "humidity"],
]);

function decodeSensor(message: RawMessage, homeId: string): Decoded | undefined {
  const quantity = quantityNames.get(message.levels[3] ?? "");
  if (quantity === undefined) return undefined;
  const { rest, circuitId, deviceId } = takePlace(message.levels.slice(4));
  const id = circuitId ?? deviceId;
  const fault = id === undefined ? undefined : faultOfTopicId(id);
  if (fault) return { rejected: fault };
  const subject = quantity === "energy_active" ? energySubject(rest) : leafSubject(quantity, rest);
  if ("why" in subject) return { rejected: subject.why };
  if (circuitId !== undefined) subject.place.channel = circuitId;
  return decodeReadings(message, {
    homeId,
    subject,
    ...(deviceId !== undefined && { topicId: deviceId }),
    ...(circuitId !== undefined && { role: circuitRole(circuitId) }),
  });
}

/** Takes `circuit/{id}` or `device/{id}` out of the levels, wherever it stands. */
function takePlace(levels: readonly string[]): { rest: readonly string[]; circuitId?: string; deviceId?: string } {
  const at = levels.findIndex((level) => level === "circuit" || level === "device");
  if (at === -1) return { rest: levels };
  const rest = [...levels.slice(0, at), ...levels.slice(at + 2)];
  const id = levels[at + 1] ?? "";
  return levels[at] === "circuit" ? { rest, circuitId: id } : { rest, deviceId: id };
}

/** `voltage/l2`, `current/`, `frequency`: at most one level, a phase or the total. */
function leafSubject(quantity: Quantity, rest: readonly string[]): Subject | { why: string } {
  const leaf = rest[0] ?? "";
  if (rest.length > 1) return { why: "the topic has more levels than the format knows" };
  const phase = phaseFromKey(leaf);
  if (phase) return { quantity, place: { phase } };
  if (leaf === "" || leaf === "total") return { quantity, place: {} };
  return { why: "the topic's last level must be total, l1, l2, l3, circuit/{id} or device/{id}" };
}

/** `energy/kwh/daily`. */
function energySubject(rest: readonly string[]): Subject | { why: string } {
  const [unit, interval = ""] = rest;
  const period = periodNames.get(interval);
  if (rest.length !== 2 || (unit !== "kwh" && unit !== "wh") || !period) {
    return { why: "the topic must be sensor/energy/kwh/ and one of hourly, daily, weekly, monthly, yearly, total" };
  }
  const bareUnit = unit === "kwh" ? "kWh" : "Wh";
  return { quantity: "energy_active", bareUnit, place: {}, register: { direction: "import", period } };
}

function circuitRole(circuitId: string): Role {
  const role = roleFromName(circuitId);
  return role === undefined || role === "mains" ? "circuit" : role;
}

function decodeDevice(message: RawMessage, homeId: string): Decoded | undefined {
  const [, , , deviceId = "", leaf] = message.levels;
  if (message.levels.length !== 5) return undefined;
  if (deviceId === "status" && leaf === "all") return decodeAllStatuses(message, homeId);
  if (leaf !== "status" && leaf !== "telemetry" && leaf !== "alerts" && leaf !== "result") return undefined;
  const fault = faultOfTopicId(deviceId);
  if (fault) return { rejected: fault };
  if (leaf === "status") return decodeStatus(message, homeId, deviceId);
  if (leaf === "alerts") return { ignored: "a device's own alert", meterId: deviceId };
  if (leaf === "result") return { ignored: "a command's result", meterId: deviceId };
  return decodeReadings(message, { homeId, topicId: deviceId, subject: { place: {} } });
}

/** What the topic says about the whole message. */
interface Context {
  homeId: string;
  /** Absent when the topic names no device: then the payload may. */
  topicId?: string;
  subject: Subject;
  /** Absent when the meter's id is to suggest it. */
  role?: Role;
}

function decodeReadings(message: RawMessage, context: Context): Decoded {
  const text = message.text();
  if (text === undefined) return { rejected: "the payload is not UTF-8 text", ...meterIdOf(context) };
  const collected: Collected = { readings: [], dropped: [] };
  const body = /^\s*[{["]/.test(text) ? message.json() : text;
  if (!isJsonObject(body)) {
    if (typeof body === "string") readLeaf(body, context.subject, collected);
    else collected.dropped.push("the payload is not a whole JSON object");
    return outcome(context, context.topicId ?? homeMeterId, collected, {});
  }
  const payloadId = body.device_id ?? undefined;
  const fault = payloadId === undefined ? undefined : faultOfPayloadId(payloadId);
  if (fault) return { rejected: fault, ...meterIdOf(context) };
  const extras = readObject(body, context.subject, collected);
  // A topic is what access rules guard, so the id in it cannot be overruled by the payload.
  return outcome(context, context.topicId ?? (payloadId as string | undefined) ?? homeMeterId, collected, extras);
}

function outcome(context: Context, meterId: string, { readings, dropped }: Collected, extras: Extras): Decoded {
  const saysMore = extras.relays !== undefined || extras.signalDbm !== undefined || extras.uptimeS !== undefined;
  if (readings.length === 0 && (dropped.length > 0 || !saysMore)) {
    const advice = 'there is no value in it: send for example {"w":1250,"v":220.5}';
    return { rejected: dropped.length > 0 ? reasonOf(dropped) : advice, meterId };
  }
  const channel = context.subject.place.channel ?? "";
  const meter: MeterMessage = { meterId, homeId: context.homeId, readings, ...extras };
  // The same meter may publish plain values on the home's topics too, which name no device.
  if (context.topicId === undefined && meterId !== homeMeterId) meter.alias = homeMeterId;
  if (readings.length > 0) meter.roles = { [channel]: context.role ?? roleOfDevice(context, meterId) };
  if (dropped.length > 0) meter.dropped = dropped;
  return { meters: [meter] };
}

/** Values of the home's own supply, such as `voltage/l1`, come from the meter on the mains. */
function roleOfDevice({ topicId }: Context, meterId: string): Role {
  return topicId === undefined ? "mains" : (roleFromName(meterId) ?? "appliance");
}

function meterIdOf({ topicId }: Context): { meterId?: string } {
  return topicId === undefined ? {} : { meterId: topicId };
}
