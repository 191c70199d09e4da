import { nameInTopics, relayWord, send } from "../command-message.ts";
import type { CommandTarget, DialectCommands } from "../commands.ts";

/** https://github.com/TheAgentK/tuya-mqtt/blob/master/docs/TOPICS.md */
export const tuyaMqttCommands: DialectCommands = {
  messagesOf(target, command) {
    const point = pointOf(target);
    const word = relayWord(command, point === undefined ? { on: "on", off: "off" } : { on: "true", off: "false" });
    if (word === undefined) return undefined;
    return send(point ?? `tuya/${nameInTopics(target)}/command`, word);
  },
};

/** A plug without a template has no topics but those of its data points; the first point is the relay. */
function pointOf({ topics }: CommandTarget): string | undefined {
  if (topics.some((topic) => /^tuya\/[^/]+\/state$/.test(topic))) return undefined;
  for (const topic of topics) {
    const [, base] = /^(tuya\/[^/]+\/dps)\/state$/i.exec(topic) ?? [];
    if (base !== undefined) return `${base}/1/command`;
  }
  return undefined;
}
