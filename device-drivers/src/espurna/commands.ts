import { nameInTopics, relayNumber, relayWord, send } from "../command-message.ts";
import type { CommandTarget, DialectCommands } from "../commands.ts";

/** https://github.com/xoseperez/espurna/wiki/MQTT: `<root>/relay/<n>/set` with 0, 1, and 2 for a toggle. */
export const espurnaCommands: DialectCommands = {
  messagesOf(target, command) {
    const word = relayWord(command, { on: "1", off: "0", toggle: "2" });
    const index = relayNumber(target.channel, "0");
    return word === undefined || index === undefined ? undefined : send(`${rootOf(target)}/relay/${index}/set`, word);
  },
};

function rootOf(target: CommandTarget): string {
  for (const topic of target.topics) {
    const [, root] = /^(.+?)\/(?:data|relay\/\d)$/.exec(topic) ?? [];
    if (root !== undefined) return root;
  }
  return nameInTopics(target);
}
