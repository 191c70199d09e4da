import { relayWord, send } from "../command-message.ts";
import type { DialectCommands } from "../commands.ts";

/** https://homieiot.github.io/specification/: a property is set on its own topic with `/set` behind. */
export const homieCommands: DialectCommands = {
  messagesOf({ topics }, command) {
    const word = relayWord(command, { on: "true", off: "false" });
    const topic = topics.find((one) => /^homie\/(?:[^$/]+\/)+[^$/]+$/.test(one));
    return word === undefined || topic === undefined ? undefined : send(`${topic}/set`, word);
  },
};
