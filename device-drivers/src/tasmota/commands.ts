import { nameInTopics, relayNumber, relayWord, send } from "../command-message.ts";
import type { CommandAnswer, CommandTarget, DialectCommands } from "../commands.ts";
import type { RawMessage } from "../driver.ts";
import { isJsonObject } from "../readings.ts";
import { parseTopic } from "./topic.ts";

/** https://tasmota.github.io/docs/MQTT/ and https://tasmota.github.io/docs/Commands/ */
export const tasmotaCommands: DialectCommands = {
  messagesOf(target, command) {
    const base = commandBase(target);
    if (command.kind === "reboot") return send(`${base}/Restart`, "1");
    const word = relayWord(command, { on: "ON", off: "OFF", toggle: "TOGGLE" });
    const relay = relayOf(target.channel);
    return word === undefined || relay === undefined ? undefined : send(`${base}/${relay}`, word);
  },
  answerIn,
};

/** `POWER` is the only relay or the first; `POWER0` would be all of them. */
function relayOf(channel: string): string | undefined {
  const number = relayNumber(channel, "0");
  return number === undefined ? undefined : `POWER${number === "0" ? "" : number}`;
}

/** All of the topic of a command but its last level: as the device's own topics, with `cmnd` in place of their prefix. */
function commandBase(target: CommandTarget): string {
  for (const topic of target.topics) {
    const base = baseLike(topic);
    if (base !== undefined) return base;
  }
  return `cmnd/${nameInTopics(target)}`;
}

function baseLike(topic: string): string | undefined {
  const levels = topic.split("/");
  const parsed = parseTopic(levels);
  if (!parsed) return undefined;
  const { prefix, place } = parsed;
  const own = levels.slice(0, -1);
  // Where the user's FullTopic has no %prefix%, the firmware puts it behind for commands (GetTopic_P in support.ino).
  if (prefix === undefined) return `${place}/cmnd`;
  const at = own.findIndex((level, i) => level === prefix && own.toSpliced(i, 1).join("/") === place);
  return at === -1 ? undefined : own.with(at, "cmnd").join("/");
}

/** `stat/plug/RESULT`: `{"Command":"Unknown"}`, `{"Restart":"Restarting"}`. The relay's state is told by itself. */
function answerIn(message: RawMessage): CommandAnswer | undefined {
  if (message.levels.at(-1) !== "RESULT") return undefined;
  const topic = parseTopic(message.levels);
  const result = message.json();
  if (topic?.prefix !== "stat" || !isJsonObject(result)) return undefined;
  const meterId = topic.place;
  if (result.Command === "Unknown" || result.Command === "Error") {
    return { meterId, error: result.Command === "Unknown" ? "it does not know the command" : "it reports an error" };
  }
  return result.Restart === undefined ? undefined : { meterId, kind: "reboot" };
}
