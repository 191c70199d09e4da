import type { PendingDevice } from "../../../../hub/src/api/contract.ts";

/** How long the hub keeps the door open. */
export const OPEN_MS = 5 * 60_000;

/** What is left of five minutes, 0…1. */
export function shareLeft(leftMs: number): number {
  return Math.min(1, Math.max(0, leftMs / OPEN_MS));
}

/** Minutes and seconds, such as 4:09. */
export function minutesLeft(leftMs: number): string {
  const seconds = Math.max(0, Math.ceil(leftMs / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** What a waiting device is called until it has a name of its own: the best it tells of itself. */
export function proposedName(pending: Pick<PendingDevice, "name" | "model" | "clientId">): string {
  return pending.name?.trim() || pending.model?.trim() || pending.clientId;
}
