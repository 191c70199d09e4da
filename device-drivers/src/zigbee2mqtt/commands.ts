import { nameInTopics, relayWord, send } from "../command-message.ts";
import type { CommandAnswer, CommandTarget, DialectCommands } from "../commands.ts";
import type { RawMessage } from "../driver.ts";
import { shownText } from "../outcome.ts";
import { isJsonObject } from "../readings.ts";

/** https://www.zigbee2mqtt.io/guide/usage/mqtt_topics_and_messages.html#zigbee2mqtt-friendly-name-set */
export const zigbee2mqttCommands: DialectCommands = {
  messagesOf(target, command) {
    const word = relayWord(command, { on: "ON", off: "OFF", toggle: "TOGGLE" });
    if (word === undefined) return undefined;
    const isOnly = target.channel === "" || target.channel === "0";
    const property = isOnly ? "state" : `state_${target.channel}`;
    return send(`${stateTopicOf(target)}/set`, JSON.stringify({ [property]: word }));
  },
  answerIn,
};

const dialect = "zigbee2mqtt";

/** The topic of the device's whole state; that of one property alone has one level more. */
function stateTopicOf(target: CommandTarget): string {
  const [topic] = target.topics;
  const names = [target.meterId, ...target.aliases];
  if (topic === undefined) return wholeTopic(nameInTopics(target));
  const isWhole = names.some((name) => wholeTopic(name) === topic);
  return isWhole || !/\/state(?:_[a-z0-9]+)?$/.test(topic) ? topic : topic.slice(0, topic.lastIndexOf("/"));
}

/** The names of networks beside the first begin with their base, such as `zigbee2mqtt-garage/Plug`. */
function wholeTopic(name: string): string {
  return /^zigbee2mqtt[\w-]*\//.test(name) ? name : `${dialect}/${name}`;
}

/** `zigbee2mqtt/bridge/logging`: the only word of a command that failed. */
function answerIn(message: RawMessage): CommandAnswer | undefined {
  const [base = "", bridge, leaf] = message.levels;
  if (bridge !== "bridge" || leaf !== "logging" || !base.startsWith(dialect)) return undefined;
  const entry = message.json();
  if (!isJsonObject(entry) || entry.level !== "error" || typeof entry.message !== "string") return undefined;
  const text = entry.message.slice(0, 1_000);
  const [, name, why] = /^(?:z2m: )?Publish 'set' 'state\w*' to '(.{1,128}?)' failed: (.*)/s.exec(text) ?? [];
  if (name === undefined) return undefined;
  const meterId = base === dialect ? name : `${base}/${name}`;
  return { meterId, error: shownText(why) ?? "it could not be reached" };
}
