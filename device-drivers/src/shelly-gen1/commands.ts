import { nameInTopics, relayNumber, relayWord, send } from "../command-message.ts";
import type { CommandTarget, DialectCommands } from "../commands.ts";

/** https://shelly-api-docs.shelly.cloud/gen1/#shelly1-shelly1pm-mqtt */
export const shellyGen1Commands: DialectCommands = {
  messagesOf(target, command) {
    const word = relayWord(command, { on: "on", off: "off", toggle: "toggle" });
    const index = relayNumber(target.channel, "0");
    if (word === undefined || index === undefined) return undefined;
    return send(`shellies/${nameInTopics(target)}/${outputOf(target, index)}/${index}/command`, word);
  },
};

/** `shellies/<id>/light/0` says that the output is a light; a whole status leaves it open. */
function outputOf({ topics }: CommandTarget, index: string): string {
  for (const topic of topics) {
    const [, output, number] = /^shellies\/[^/]+\/(relay|light|color|white)\/(\d)(?:\/status)?$/.exec(topic) ?? [];
    if (output !== undefined && number === index) return output;
  }
  return "relay";
}
