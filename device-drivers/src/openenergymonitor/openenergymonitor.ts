import type { Decoded, Driver, RawMessage, Role } from "../driver.ts";
import { faultOfTopicId } from "../ids.ts";
import { decodeLeaf, facts, outcome, whyNoObject } from "../leaf-table.ts";
import type { Collected } from "../readings.ts";
import { collect, isJsonObject } from "../readings.ts";
import { roleFromName } from "../roles.ts";
import { readTime } from "../time.ts";
import { inputLeaf } from "./inputs.ts";

/** OpenEnergyMonitor's hardware, and whatever else sends to emoncms over MQTT. */
export const openEnergyMonitor: Driver = {
  dialect: "openenergymonitor",
  title: "OpenEnergyMonitor",
  devices: "emonTx, emonPi, emonTx4, emonESP, the EmonESP smart plug, IoTaWatt",
  reads: "power, energy, current and power factor by clamp, voltage, frequency; the plug's relay",
  switches: "the relay of a smart plug: 1 or 0 to emon/<node>/in/ctrlmode",
  connect: "in emonHub or EmonESP: MQTT, the hub's address, base topic emon",
  decode(message) {
    const [root, node = "", ...rest] = message.levels;
    if (root === "emonhub" && node === "rx") return { ignored: "values without names", meterId: rest[0] ?? node };
    if (root !== "emon" || message.levels.length < 2 || /openevse/i.test(message.topic)) return undefined;
    const fault = faultOfTopicId(node);
    if (fault) return { rejected: fault };
    if (rest.length === 0) return decodeNode(message, node);
    if (rest[0] === "in" || rest[0] === "out" || rest[0] === "rapi") return decodePlug(message, node, rest);
    return rest.length === 1 ? decodeInput(message, node, rest[0] ?? "") : undefined;
  },
};

/** The first clamp goes on the supply, by the manual; the name of a node or of an input may say otherwise. */
function rolesOf(node: string, readings: Collected["readings"]): Record<string, Role> {
  const named = roleFromName(node);
  const roleOf = (channel: string): Role => (channel === "" || channel === "1" ? "mains" : "circuit");
  return Object.fromEntries(
    readings.map(({ channel = "" }) => [channel, named ?? roleFromName(channel) ?? roleOf(channel)]),
  );
}

/** All inputs of a node in one object. */
function decodeNode(message: RawMessage, meterId: string): Decoded {
  if (message.payload.length === 0) return { ignored: "a retained message was cleared", meterId };
  const body = message.json();
  if (!isJsonObject(body)) return { rejected: whyNoObject(message), meterId };
  const collected: Collected = { readings: [], dropped: [] };
  for (const key in body) {
    const leaf = inputLeaf(key);
    if (!leaf) continue;
    const { quantity, meaning, ...place } = leaf;
    collect(collected, body[key], { name: key, quantity, ...(meaning && { meaning }) }, place);
  }
  const time = readTime(body.time);
  const channelRoles = rolesOf(meterId, collected.readings);
  return outcome({ meterId, channelRoles, ...(time && !("why" in time) && { time }) }, collected);
}

/** One input on its topic. */
function decodeInput(message: RawMessage, meterId: string, key: string): Decoded {
  const leaf = inputLeaf(key);
  if (!leaf) return { ignored: "an input whose name does not say what it measures", meterId };
  const channelRoles = rolesOf(meterId, [{ ...leaf, value: 0 }]);
  return decodeLeaf(message, leaf, { meterId, channelRoles });
}

const relayStates: ReadonlyMap<string, boolean> = new Map([
  ["on", true],
  ["1", true],
  ["off", false],
  ["0", false],
]);

/** `out/ctrlmode` is the state of a smart plug, `in/…` commands it. */
function decodePlug(message: RawMessage, meterId: string, [direction, name]: readonly string[]): Decoded {
  if (direction !== "out") return { ignored: "a command", meterId };
  const closed = name === "ctrlmode" ? relayStates.get(message.text()?.trim().toLowerCase() ?? "") : undefined;
  return closed === undefined ? { ignored: "no measurement", meterId } : facts({ meterId, relays: { "0": closed } });
}
