import type { MeterMessage, RawMessage } from "../driver.ts";
import { readMac } from "../ids.ts";
import { type About, outcomeOf, shownText } from "../outcome.ts";
import type { Collected, Field, JsonObject } from "../readings.ts";
import { collect, isJsonObject } from "../readings.ts";
import { roleFromName } from "../roles.ts";
import { finiteNumberIn } from "../slot.ts";
import { emeterFields, emeterPhase, emeterRole, placeOf, statusMeterFields } from "./inputs.ts";
import { modelFromType } from "./models.ts";

/** The largest device has four relays; more are a fault of its sender. */
const maxInputs = 8;

/** `announce`: who the device is. */
export function readAnnouncement(announcement: JsonObject, about: About): void {
  const mac = readMac(announcement.mac);
  const firmware = shownText(announcement.fw_ver);
  const type = shownText(announcement.model);
  if (mac) about.mac = mac;
  if (firmware !== undefined) about.firmware = firmware;
  if (type !== undefined) about.model = modelFromType(type);
}

/** `info`: the whole status of a device, as its HTTP API gives it. */
export function decodeInfo(message: RawMessage, about: About) {
  const { meterId } = about;
  const status = message.json();
  if (!isJsonObject(status)) return { rejected: "the payload is not a JSON object", meterId };
  const collected: Collected = { readings: [], dropped: [] };
  const mac = readMac(status.mac);
  if (mac) about.mac = mac;
  const { wifi_sta: wifi } = status;
  setNumber(about, "signalDbm", isJsonObject(wifi) ? wifi.rssi : undefined);
  setNumber(about, "uptimeS", status.uptime);
  about.relays = relaysOf(status.relays ?? status.lights);
  readInputs(status.meters, collected, about, false);
  readInputs(status.emeters, collected, about, true);
  if (Object.keys(about.relays).length === 0) delete about.relays;
  return outcomeOf(about, collected);
}

function relaysOf(outputs: unknown): NonNullable<MeterMessage["relays"]> {
  const relays: NonNullable<MeterMessage["relays"]> = {};
  for (const [i, output] of listOf(outputs).entries()) {
    if (typeof output.ison === "boolean") relays[String(i)] = output.ison;
  }
  return relays;
}

function readInputs(inputs: unknown, collected: Collected, about: About, isEmeter: boolean): void {
  for (const [i, input] of listOf(inputs).entries()) {
    const index = String(i);
    if (input.is_valid === false) continue;
    const phase = isEmeter ? emeterPhase(about.model, index) : undefined;
    for (const field of (isEmeter ? emeterFields : statusMeterFields).values()) {
      collect(collected, input[field.name], field satisfies Field, placeOf(field, index, phase));
    }
    const role = roleFromName(about.meterId) ?? "appliance";
    about.roles = { ...about.roles, [index]: isEmeter ? emeterRole(about.model, index) : role };
  }
}

function listOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.slice(0, maxInputs).map((item) => (isJsonObject(item) ? item : {})) : [];
}

function setNumber(about: About, key: "signalDbm" | "uptimeS", value: unknown): void {
  const number = finiteNumberIn(value);
  if (number !== undefined) about[key] = number;
}
