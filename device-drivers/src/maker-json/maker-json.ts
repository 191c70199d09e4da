import type { Decoded, Driver, RawMessage } from "../driver.ts";
import { faultOfTopicId, readMac } from "../ids.ts";
import { readName } from "../naming.ts";
import { type About, outcomeOf } from "../outcome.ts";
import type { Collected, JsonObject } from "../readings.ts";
import { isJsonObject } from "../readings.ts";
import { roleFromName } from "../roles.ts";
import { readTime } from "../time.ts";
import { placeOfTopic } from "../topic-place.ts";
import { isMeter, readNamed } from "./keys.ts";

/** Sketches of makers that publish a JSON object whose keys say what its values are. */
export const makerJson: Driver = {
  dialect: "maker-json",
  title: "Makers' own JSON",
  devices: "Arduino and ESP sketches, Python scripts, Node-RED flows",
  reads: "values whose keys say what they are: power_w, voltage, current, energy_kwh, frequency, pf, by phase",
  switches: "nothing",
  connect: "publish one JSON object a meter on a topic of its own",
  isFallback: true,
  decode(message) {
    if (!beginsObject(message.payload) || message.topic.startsWith("$")) return undefined;
    const body = message.json();
    if (body === undefined) return decodeBroken(message);
    if (!isJsonObject(body) || !isMeter(body)) return undefined;
    const meterId = placeOfTopic(message.levels);
    const fault = faultOfTopicId(meterId, 128);
    return fault ? { rejected: fault } : decodeBody(body, meterId);
  },
};

function beginsObject(payload: Uint8Array): boolean {
  return payload[0] === 0x7b || (payload[0] === 0x20 && payload.length < 4_096);
}

function decodeBody(body: JsonObject, meterId: string): Decoded {
  const collected: Collected = { readings: [], dropped: [] };
  const role = roleFromName(meterId) ?? "appliance";
  readNamed(body, collected, role);
  const roles = Object.fromEntries(collected.readings.map(({ channel = "" }) => [channel, role]));
  const mac = readMac(body.mac);
  const about: About = { meterId, roles, ...(mac && { mac }) };
  const time = readTime(body.timestamp ?? body.ts ?? body.time);
  if (time && !("why" in time)) about.time = time;
  return outcomeOf(about, collected);
}

const longestBroken = 8_192;

/** Text that is almost JSON, and has a key that a meter's would have: its maker wants to know. */
function decodeBroken(message: RawMessage): Decoded | undefined {
  const text = message.text() ?? "";
  if (text.length > longestBroken) return undefined;
  const keys = [...text.matchAll(/"(\w{1,40})"\s*:/g)].slice(0, 100);
  if (!keys.some(([, key = ""]) => isElectrical(key))) return undefined;
  const meterId = placeOfTopic(message.levels);
  const fault = faultOfTopicId(meterId, 128);
  return fault ? { rejected: fault } : { rejected: "the payload is not whole JSON", meterId };
}

function isElectrical(key: string): boolean {
  const quantity = readName(key)?.quantity;
  return quantity !== undefined && quantity !== "temperature" && quantity !== "humidity";
}
