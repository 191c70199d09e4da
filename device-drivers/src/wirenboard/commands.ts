import { relayWord, send } from "../command-message.ts";
import type { DialectCommands } from "../commands.ts";

/** https://github.com/wirenboard/conventions: a control is set on its own topic with `/on` behind. */
export const wirenboardCommands: DialectCommands = {
  messagesOf({ topics }, command) {
    const word = relayWord(command, { on: "1", off: "0" });
    const topic = topics.find((one) => /^\/devices\/[^/]+\/controls\/[^/]+$/.test(one));
    return word === undefined || topic === undefined ? undefined : send(`${topic}/on`, word);
  },
};
