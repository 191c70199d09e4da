import { send } from "../command-message.ts";
import type { CommandTarget, DialectCommands } from "../commands.ts";
import type { DefinitionData } from "../driver.ts";

/** What the configuration of a switch says: https://www.home-assistant.io/integrations/switch.mqtt/ */
export const haDiscoveryCommands: DialectCommands = {
  messagesOf(target, command) {
    if (command.kind !== "switch") return undefined;
    const switches = target.definitions.filter((definition) => isOf(target, definition));
    const [described] = switches;
    // Two switches on one state topic cannot be told apart.
    if (!described || switches.some(({ commandTopic }) => commandTopic !== described.commandTopic)) return undefined;
    const { commandTopic, commandOn, commandOff } = described;
    const payload = command.on ? commandOn : commandOff;
    if (typeof commandTopic !== "string" || typeof payload !== "string") return undefined;
    return send(commandTopic, payload);
  },
};

function isOf({ meterId, aliases, channel }: CommandTarget, { kind, meterId: of, channel: own }: DefinitionData) {
  const isMeter = of === meterId || aliases.includes(String(of));
  return kind === "switch" && isMeter && (channel === "" || channel === (own ?? "0"));
}
