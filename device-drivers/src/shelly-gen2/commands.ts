import { nameInTopics, relayNumber, send } from "../command-message.ts";
import type { Command, CommandAnswer, CommandTarget, DialectCommands } from "../commands.ts";
import type { RawMessage } from "../driver.ts";
import { shownText } from "../outcome.ts";
import { isJsonObject } from "../readings.ts";

/**
 * Calls over MQTT, since only those are answered: https://shelly-api-docs.shelly.cloud/gen2/General/RPCProtocol and
 * https://shelly-api-docs.shelly.cloud/gen2/ComponentsAndServices/Switch
 */
export const shellyGen2Commands: DialectCommands = {
  messagesOf(target, command) {
    const call = callOf(target, command);
    if (!call) return undefined;
    const prefix = prefixOf(target);
    // The device answers at `<src>/rpc`: there, where it may publish, and no other device may.
    const frame = { id: target.requestId, src: `${prefix}/events`, ...call };
    return send(`${prefix}/rpc`, JSON.stringify(frame));
  },
  answerIn,
};

/** What switches, by the type of its component. */
const namespaces: ReadonlyMap<string, string> = new Map([
  ["switch", "Switch"],
  ["light", "Light"],
  ["rgb", "RGB"],
  ["rgbw", "RGBW"],
  ["cct", "CCT"],
  ["rgbcct", "RGBCCT"],
]);

function callOf(target: CommandTarget, command: Command): { method: string; params?: object } | undefined {
  if (command.kind === "reboot") return { method: "Shelly.Reboot" };
  const index = relayNumber(target.channel, "0");
  if (index === undefined) return undefined;
  const id = Number(index);
  const namespace = namespaceOf(target.topics, index);
  if (command.kind === "toggle") return { method: `${namespace}.Toggle`, params: { id } };
  return command.kind === "switch" ? { method: `${namespace}.Set`, params: { id, on: command.on } } : undefined;
}

/** `<prefix>/status/light:0` says that the output is a light; notifications leave it open. */
function namespaceOf(topics: readonly string[], index: string): string {
  for (const topic of topics) {
    const [, type = "", number] = /\/status\/([a-z]+):(\d+)$/.exec(topic) ?? [];
    const namespace = number === index ? namespaces.get(type) : undefined;
    if (namespace !== undefined) return namespace;
  }
  return "Switch";
}

function prefixOf(target: CommandTarget): string {
  const own = target.topics.find((topic) => /.\/(?:status\/[^/]+|events\/rpc)$/.test(topic));
  return own === undefined ? nameInTopics(target) : own.split("/").slice(0, -2).join("/");
}

/** `<prefix>/events/rpc`: `{"id":"…","src":"shellyplus1-…","result":{…}}`, or with an `error`. */
function answerIn(message: RawMessage): CommandAnswer | undefined {
  if (message.levels.at(-1) !== "rpc" || message.levels.at(-2) !== "events") return undefined;
  const frame = message.json();
  if (!isJsonObject(frame) || typeof frame.src !== "string" || typeof frame.id !== "string") return undefined;
  const { src: meterId, id: requestId, error } = frame;
  if ("result" in frame) return { meterId, requestId };
  if (!isJsonObject(error)) return undefined;
  return { meterId, requestId, error: shownText(error.message) ?? "it reports an error" };
}
