import { relayWord, send } from "../command-message.ts";
import type { DialectCommands } from "../commands.ts";

/** The smart plug of EmonESP: its state is on `emon/<node>/out/ctrlmode`, and its commands are on `…/in/ctrlmode`. */
export const openEnergyMonitorCommands: DialectCommands = {
  messagesOf({ topics }, command) {
    const word = relayWord(command, { on: "1", off: "0" });
    const topic = topics.find((one) => /.\/out\/ctrlmode$/.test(one));
    if (word === undefined || topic === undefined) return undefined;
    return send(topic.replace(/out\/ctrlmode$/, "in/ctrlmode"), word);
  },
};
