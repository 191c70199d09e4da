import type { Decoded, Direction, Driver, Period, RawMessage } from "../driver.ts";
import { faultOfTopicId, readMac } from "../ids.ts";
import { isNotANumber, numberFromText } from "../number.ts";
import { type About, decodeAvailability, decodeNumber, decodeRelay, shownText } from "../outcome.ts";
import type { Field } from "../readings.ts";
import { roleFromName } from "../roles.ts";

interface Topic extends Field {
  direction?: Direction;
  period?: Period;
}

/** From the firmware's table of sensors (`drv_bl_shared.c`): energies are watt-hours. */
const topics: ReadonlyMap<string, Topic> = new Map(
  (
    [
      { name: "voltage", quantity: "voltage" },
      { name: "current", quantity: "current" },
      { name: "power", quantity: "power_active" },
      { name: "power_apparent", quantity: "power_apparent" },
      { name: "power_reactive", quantity: "power_reactive" },
      { name: "power_factor", quantity: "power_factor" },
      { name: "frequency", quantity: "frequency" },
      { name: "energycounter", quantity: "energy_active", direction: "import", period: "total" },
      { name: "energycounter_generation", quantity: "energy_active", direction: "export", period: "total" },
      { name: "energycounter_today", quantity: "energy_active", direction: "import", period: "today" },
      { name: "energycounter_yesterday", quantity: "energy_active", direction: "import", period: "yesterday" },
    ] satisfies Topic[]
  ).map((topic) => [topic.name, topic]),
);

/** Plugs and relays with OpenBeken (OpenBK7231T). */
export const openbeken: Driver = {
  dialect: "openbeken",
  title: "Devices with OpenBeken",
  devices: "Tuya plugs and relays with a Beken, Winner or LN882H chip and OpenBeken",
  reads: "power, energy, voltage, current, power factor, relays, Wi-Fi, availability",
  switches: "relays: `<client>/<n>/set` 1, 0",
  connect: "in its web page: Config, Configure MQTT",
  decode(message) {
    const { levels } = message;
    const isGet = levels.at(-1) === "get";
    const leaf = levels.at(isGet ? -2 : -1) ?? "";
    const meterId = levels.slice(0, isGet ? -2 : -1).join("/");
    if (meterId === "" || !isOpenBeken(message, meterId, leaf, isGet)) return undefined;
    const fault = faultOfTopicId(meterId, 128);
    if (fault) return { rejected: fault };
    return decodeLeaf(message, meterId, leaf);
  },
};

const facts: ReadonlySet<string> = new Set(
  "rssi uptime freeheap ip mac sockets datetime host build version ssid led_enableAll led_dimmer led_basecolor_rgb".split(
    " ",
  ),
);

/** A user may call the client what they like: then only names of the firmware's own, or `/get`, give it away. */
function isOpenBeken(message: RawMessage, meterId: string, leaf: string, isGet: boolean): boolean {
  const isRelay = /^\d{1,2}$/.test(leaf);
  if (leaf.startsWith("energycounter")) return true;
  if (isGet) return topics.has(leaf) || isRelay || leaf === "consumption_stats";
  if (/^obk[0-9a-z]*/i.test(message.levels.at(-2) ?? ""))
    return topics.has(leaf) || facts.has(leaf) || leaf === "connected";
  return leaf === "connected" && /^(?:online|offline)$/.test(message.text() ?? "") && !meterId.includes("/");
}

function decodeLeaf(message: RawMessage, meterId: string, leaf: string): Decoded {
  if (leaf === "connected") return decodeAvailability(message, { meterId });
  if (/^\d{1,2}$/.test(leaf)) return decodeRelay(message, { meterId }, leaf);
  const topic = topics.get(leaf);
  if (!topic) return decodeFact(message, meterId, leaf);
  const { direction, period } = topic;
  const about: About = { meterId, roles: { "": roleFromName(meterId) ?? "appliance" } };
  return decodeNumber(message, about, topic, { ...(direction && { direction }), ...(period && { period }) });
}

function decodeFact(message: RawMessage, meterId: string, leaf: string): Decoded {
  const text = message.text()?.trim() ?? "";
  if (leaf === "rssi" || leaf === "uptime") {
    const number = numberFromText(text, { unit: "" });
    if (isNotANumber(number)) return { ignored: `no ${leaf}`, meterId };
    return { meters: [{ meterId, readings: [], ...(leaf === "rssi" ? { signalDbm: number } : { uptimeS: number }) }] };
  }
  const mac = leaf === "mac" ? readMac(text) : undefined;
  if (mac) return { meters: [{ meterId, mac, readings: [] }] };
  const firmware = leaf === "version" || leaf === "build" ? shownText(text) : undefined;
  return firmware === undefined
    ? { ignored: "not a measurement", meterId }
    : { meters: [{ meterId, firmware, readings: [] }] };
}
