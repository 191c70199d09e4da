import { nameInTopics, relayNumber, relayWord, send } from "../command-message.ts";
import type { CommandTarget, DialectCommands } from "../commands.ts";

/** https://github.com/openshwprojects/OpenBK7231T_App/blob/main/docs/mqttTopics.md */
export const openbekenCommands: DialectCommands = {
  messagesOf(target, command) {
    const word = relayWord(command, { on: "1", off: "0" });
    const base = channelTopicOf(target);
    return word === undefined || base === undefined ? undefined : send(`${base}/set`, word);
  },
};

/** `<client>/1`; most devices with one relay have it on their first channel. */
function channelTopicOf(target: CommandTarget): string | undefined {
  for (const topic of target.topics) {
    const [, base] = /^(.+\/\d{1,2})\/get$/.exec(topic) ?? [];
    if (base !== undefined) return base;
  }
  const number = relayNumber(target.channel, "1");
  return number === undefined ? undefined : `${nameInTopics(target)}/${number}`;
}
