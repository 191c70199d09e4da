import type { Decoded, Driver, RawMessage } from "../driver.ts";
import { faultOfPayloadId, faultOfTopicId, readMac } from "../ids.ts";
import { type About, decodeAvailability, decodeNumber, decodeRelay, outcomeOf } from "../outcome.ts";
import { type Collected, collect, isJsonObject } from "../readings.ts";
import { roleFromName } from "../roles.ts";
import { isGen2Id } from "../shelly-gen2/models.ts";
import { emeterFields, emeterPhase, emeterRole, outputFields, placeOf } from "./inputs.ts";
import { modelFromId } from "./models.ts";
import { decodeInfo, readAnnouncement } from "./status.ts";

/** Shelly devices of the first generation. */
export const shellyGen1: Driver = {
  dialect: "shelly-gen1",
  title: "Shelly of the first generation",
  devices: "Shelly 1, 1PM, 2, 2.5, 4Pro, Plug, Plug S, EM, 3EM, Dimmer, RGBW2, H&T",
  reads: "power, energy, voltage, current, power factor, reactive power, relays, room temperature and humidity",
  switches: "relays and lights: `shellies/<id>/relay/<n>/command` on, off",
  connect: "in its web page: Internet & Security, Advanced, enable MQTT",
  decode(message) {
    const { levels } = message;
    if (levels[0] !== "shellies" || levels.length < 2) return undefined;
    const [, id = "", branch = "", index = "", leaf] = levels;
    if (levels.length === 2) return id === "announce" ? decodeAnnouncement(message) : commandToAll(id);
    if (isGen2Id(id) || ofGen2.has(branch)) return undefined;
    const fault = faultOfTopicId(id);
    if (fault) return { rejected: fault };
    if (levels.at(-1) === "command") return { ignored: "a command", meterId: id };
    const about = aboutOf(id);
    if (levels.length === 3) return decodeDevice(message, about, branch);
    if (branch === "sensor" || branch.startsWith("ext_")) return decodeSensor(message, about, branch, index);
    if (!/^\d$/.test(index) && branch !== "emeter_n") return notMeasured(id);
    return decodeInput(message, about, { branch, index, leaf });
  },
};

/** Later generations publish here when their user has set the prefix `shellies/…`. */
const ofGen2: ReadonlySet<string> = new Set(["status", "events", "rpc", "debug"]);

function commandToAll(leaf: string): Decoded | undefined {
  return leaf === "command" ? { ignored: "a command" } : undefined;
}

function notMeasured(meterId: string): Decoded {
  return { ignored: "not a measurement", meterId };
}

/** The id ends in the MAC address, or in older devices in half of it. */
function aboutOf(meterId: string): About {
  const model = modelFromId(meterId);
  const mac = readMac(meterId.slice(meterId.lastIndexOf("-") + 1));
  return { meterId, ...(model !== undefined && { model }), ...(mac && { mac }) };
}

function decodeDevice(message: RawMessage, about: About, leaf: string): Decoded {
  if (leaf === "online") return decodeAvailability(message, about);
  if (leaf === "announce") return decodeAnnouncement(message, about);
  if (leaf === "info") return decodeInfo(message, about);
  if (leaf !== "voltage") return notMeasured(about.meterId);
  return decodeNumber(message, about, { name: "voltage", quantity: "voltage" }, { channel: "0" });
}

function decodeAnnouncement(message: RawMessage, known?: About): Decoded {
  const announcement = message.json();
  if (!isJsonObject(announcement)) return { rejected: "the announcement is not a JSON object" };
  const fault = known ? undefined : faultOfPayloadId(announcement.id);
  if (fault) return { rejected: fault };
  const about = known ?? aboutOf(announcement.id as string);
  // A later generation announces itself elsewhere, but a bridge may gather all.
  if (isGen2Id(about.meterId)) return { ignored: "an announcement", meterId: about.meterId };
  readAnnouncement(announcement, about);
  return { meters: [{ ...about, readings: [] }] };
}

const climate = {
  temperature: { name: "temperature", quantity: "temperature" },
  humidity: { name: "humidity", quantity: "humidity" },
} as const;

/** `sensor/temperature` of an H&T; `ext_temperature/0` of a probe on the add-on. */
function decodeSensor(message: RawMessage, about: About, branch: string, leaf: string): Decoded {
  const isProbe = branch !== "sensor";
  const name = isProbe ? branch.slice("ext_".length) : leaf;
  if (name !== "temperature" && name !== "humidity") return notMeasured(about.meterId);
  return decodeNumber(message, about, climate[name], isProbe ? { channel: `ext${leaf}`.slice(0, 16) } : {});
}

interface InputTopic {
  branch: string;
  index: string;
  /** Undefined on the topic of the output itself, `relay/0`. */
  leaf: string | undefined;
}

const outputs: ReadonlySet<string> = new Set(["relay", "roller", "light", "color", "white"]);

function decodeInput(message: RawMessage, about: About, { branch, index, leaf }: InputTopic): Decoded {
  const { meterId, model } = about;
  if (branch === "emeter_n" && index === "current") {
    return decodeNumber(message, about, { name: "current", quantity: "current" }, { channel: "0", phase: "N" });
  }
  if (branch === "emeter") {
    const field = emeterFields.get(leaf ?? "");
    if (!field || message.levels.length !== 5) return notMeasured(meterId);
    const roled = { ...about, roles: { [index]: emeterRole(model, index) } };
    return decodeNumber(message, roled, field, placeOf(field, index, emeterPhase(model, index)));
  }
  if (!outputs.has(branch)) return notMeasured(meterId);
  if (leaf === undefined) return branch === "roller" ? notMeasured(meterId) : decodeOutput(message, about, index);
  if (leaf === "status") return decodeOutputStatus(message, about, index);
  const field = outputFields.get(leaf);
  if (!field || message.levels.length !== 5) return notMeasured(meterId);
  const roled = { ...about, roles: { [index]: roleFromName(meterId) ?? "appliance" } };
  return decodeNumber(message, roled, field, placeOf(field, index));
}

/** `light/0/status`: `{"ison":true,"power":4.2,…}` */
function decodeOutputStatus(message: RawMessage, about: About, index: string): Decoded {
  const { meterId } = about;
  const status = message.json();
  if (!isJsonObject(status)) return { rejected: "the payload is not a JSON object", meterId };
  const collected: Collected = { readings: [], dropped: [] };
  collect(collected, status.power, { name: "power", quantity: "power_active" }, { channel: index });
  const relays = typeof status.ison === "boolean" ? { relays: { [index]: status.ison } } : {};
  const roles = collected.readings.length > 0 ? { roles: { [index]: "appliance" as const } } : {};
  return outcomeOf({ ...about, ...relays, ...roles }, collected);
}

/** `relay/0`: on, off, or `overpower` when the device has switched itself off. */
function decodeOutput(message: RawMessage, about: About, index: string): Decoded {
  if (message.text()?.trim() !== "overpower") return decodeRelay(message, about, index);
  return { meters: [{ ...about, readings: [], relays: { [index]: false } }] };
}
