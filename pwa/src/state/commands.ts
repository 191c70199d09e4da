import type { Command, CommandFailure } from "../../../hub/src/api/contract.ts";

/** How long the end of a command is told beside its switch. */
export const TOLD_MS = 60_000;

/** What is told of a relay: nothing new; a command under way; how the last one has ended. */
export type Switching =
  | { phase: "still" | "moving" | "confirmed" }
  | { phase: "failed"; failure: CommandFailure; error: string | null };

const order: Record<Command["state"], number> = { waiting: 0, sent: 1, confirmed: 2, failed: 2 };

/**
 * Which of two commands to a channel counts. Events and answers overtake each other on their way: an older command does
 * not come back, and one that has ended is not under way again.
 */
export function latestCommand(kept: Command | null, heard: Command): Command {
  if (!kept) return heard;
  if (kept.id === heard.id) return order[heard.state] > order[kept.state] ? heard : kept;
  // Two of the same millisecond: the one that was replaced is the older.
  return heard.requestedMs < kept.requestedMs || heard.failure === "replaced" ? kept : heard;
}

/** Where a relay's last command stands; `relay` is what the device itself reports, which has the last word. */
export function switchingOf(
  relay: boolean | null,
  command: Command | null,
  ageMs: (timeMs: number) => number,
): Switching {
  if (!command) return { phase: "still" };
  if (command.endedMs === null) return { phase: "moving" };
  if (ageMs(command.endedMs) > TOLD_MS) return { phase: "still" };
  const { on, failure, error } = command;
  // A late answer makes a failure good; a switch by hand makes a success old.
  if (failure === null) return { phase: on === null || on === relay ? "confirmed" : "still" };
  return on !== null && on === relay ? { phase: "still" } : { phase: "failed", failure, error };
}
