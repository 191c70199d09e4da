import type { MeterMessage } from "../driver.ts";
import { readMac } from "../ids.ts";
import { quote } from "../number.ts";
import type { Collected, JsonObject } from "../readings.ts";
import { isJsonObject } from "../readings.ts";
import { finiteNumberIn, numberIn } from "../slot.ts";

/** What the device's own messages say beside readings. */
export type DeviceFacts = Pick<
  MeterMessage,
  "name" | "model" | "firmware" | "mac" | "relays" | "signalDbm" | "uptimeS"
>;

const relayKey = /^POWER(\d{0,2})$/;

/** What `StateText` makes of a relay's state, as far as it can be known. */
const relayStates: ReadonlyMap<string, boolean> = new Map([
  ["ON", true],
  ["1", true],
  ["TRUE", true],
  ["OFF", false],
  ["0", false],
  ["FALSE", false],
]);

/** The channel of `POWER` is "0", of `POWER2` "2"; undefined when the name is not a relay's. */
export function relayChannel(name: string): string | undefined {
  const match = relayKey.exec(name);
  return match ? match[1] || "0" : undefined;
}

export function readRelay(channel: string, state: unknown, facts: DeviceFacts, collected: Collected): void {
  const text = typeof state === "string" ? state : (JSON.stringify(state) ?? "");
  const closed = relayStates.get(text.toUpperCase());
  if (closed !== undefined) facts.relays = { ...facts.relays, [channel]: closed };
  else
    collected.dropped.push(`POWER: ${quote(text)} is neither ON nor OFF: set StateText1 to OFF and StateText2 to ON`);
}

/** `STATE`, `RESULT` and `StatusSTS`: relays, Wi-Fi and uptime. */
export function readState(state: JsonObject, facts: DeviceFacts, collected: Collected): void {
  for (const key in state) {
    const channel = key.startsWith("POWER") ? relayChannel(key) : undefined;
    if (channel !== undefined) readRelay(channel, state[key], facts, collected);
  }
  // Wifi.RSSI is a quality from 0 to 100, only Signal is in dBm.
  if (isJsonObject(state.Wifi)) setNumber(facts, "signalDbm", state.Wifi.Signal);
  setNumber(facts, "uptimeS", state.UptimeSec ?? uptimeFromText(state.Uptime));
}

/** `0T18:36:12` is days, then hours, minutes and seconds. */
function uptimeFromText(uptime: unknown): number | undefined {
  const match = typeof uptime === "string" ? /^(\d{1,5})T(\d\d):(\d\d):(\d\d)$/.exec(uptime) : null;
  if (!match) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map(Number);
  return ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
}

/** `Status`: names, and the relays as a bit mask. */
export function readDeviceStatus(status: JsonObject, facts: DeviceFacts): void {
  const names = Array.isArray(status.FriendlyName) ? status.FriendlyName : [status.FriendlyName];
  setText(facts, "name", firstText(status.DeviceName, names[0]));
  const mask = relayMask(status.Power);
  if (mask === undefined) return;
  const count = Math.min(Math.max(names.length, 1), 8);
  for (let i = 0; i < count; i++) {
    const channel = count === 1 ? "0" : String(i + 1);
    facts.relays = { ...facts.relays, [channel]: ((mask >> i) & 1) === 1 };
  }
}

/** Newer firmware sends binary digits as text; which end is the first relay shows only when all are alike. */
function relayMask(power: unknown): number | undefined {
  const mask = numberIn(power);
  if (mask !== undefined && mask >= 0 && mask % 1 === 0) return mask;
  if (typeof power !== "string" || !/^(?:0+|1+)$/.test(power)) return undefined;
  return power.startsWith("1") ? 2 ** power.length - 1 : 0;
}

/** `StatusFWR`, `INFO1`: firmware and module. */
export function readFirmware(info: JsonObject, facts: DeviceFacts): void {
  setText(facts, "firmware", info.Version);
  setText(facts, "model", info.Module);
}

export function readNetwork(network: JsonObject, facts: DeviceFacts): void {
  const mac = readMac(network.Mac);
  if (mac) facts.mac = mac;
}

/** `tasmota/discovery/{MAC}/config`. */
export function readDiscovery(config: JsonObject, facts: DeviceFacts): void {
  const names = Array.isArray(config.fn) ? config.fn : [];
  setText(facts, "name", firstText(config.dn, names[0]));
  setText(facts, "model", config.md);
  setText(facts, "firmware", config.sw);
  readNetwork({ Mac: config.mac }, facts);
}

function firstText(...values: unknown[]): unknown {
  return values.find((value) => typeof value === "string" && value.trim() !== "");
}

/** Text of a device is shown to people: short and without control characters. */
function setText(facts: DeviceFacts, key: "name" | "model" | "firmware", value: unknown): void {
  if (typeof value !== "string") return;
  const text = value.replace(/\p{C}/gu, "").trim().slice(0, 100);
  if (text !== "") facts[key] = text;
}

function setNumber(facts: DeviceFacts, key: "signalDbm" | "uptimeS", value: unknown): void {
  const number = finiteNumberIn(value);
  if (number !== undefined) facts[key] = number;
}
