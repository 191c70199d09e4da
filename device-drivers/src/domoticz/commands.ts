import { relayWord, send } from "../command-message.ts";
import type { DialectCommands } from "../commands.ts";

/** https://wiki.domoticz.com/MQTT: the server is asked to switch one of its devices. */
export const domoticzCommands: DialectCommands = {
  messagesOf({ meterId }, command) {
    const switchcmd = relayWord(command, { on: "On", off: "Off", toggle: "Toggle" });
    const [, idx] = /^domoticz\/(\d{1,9})$/.exec(meterId) ?? [];
    if (switchcmd === undefined || idx === undefined) return undefined;
    return send("domoticz/in", JSON.stringify({ command: "switchlight", idx: Number(idx), switchcmd }));
  },
};
