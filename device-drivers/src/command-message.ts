/** What the commands of most dialects have in common. */
import type { Command, CommandMessage, CommandTarget } from "./commands.ts";

/** One message, as a command is sent. */
export function send(topic: string, payload: string): CommandMessage[] {
  return [{ topic, payload, qos: 1, retain: false }];
}

/** The word for what a relay is to do; undefined for other commands, and for a toggle where the dialect has no word for it. */
export function relayWord(command: Command, words: { on: string; off: string; toggle?: string }): string | undefined {
  if (command.kind === "switch") return command.on ? words.on : words.off;
  return command.kind === "toggle" ? words.toggle : undefined;
}

/** The name by which the device calls itself in topics, as far as its names tell. */
export function nameInTopics({ meterId, aliases }: Pick<CommandTarget, "meterId" | "aliases">): string {
  return aliases.at(-1) ?? meterId;
}

/** The number of a relay; `only` for the one of a device that has no other. Undefined when the channel is no number. */
export function relayNumber(channel: string, only: string): string | undefined {
  if (channel === "") return only;
  return /^\d{1,4}$/.test(channel) ? channel : undefined;
}
