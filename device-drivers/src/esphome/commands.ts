import { relayWord, send } from "../command-message.ts";
import type { DialectCommands } from "../commands.ts";

/** https://esphome.io/components/mqtt/: `<prefix>/<component>/<name>/state` and `…/command`. */
export const esphomeCommands: DialectCommands = {
  messagesOf({ topics }, command) {
    const word = relayWord(command, { on: "ON", off: "OFF", toggle: "TOGGLE" });
    // The name of a channel is not the switch's whole name: only its topic has that.
    const topic = topics.find((one) => /.\/switch\/[^/]+\/state$/.test(one));
    if (word === undefined || topic === undefined) return undefined;
    return send(`${topic.slice(0, -"state".length)}command`, word);
  },
};
