/** How many may be connected: in all, from one address, and before they are admitted. Whoever is too many is closed. */
import type { Limits } from "./limits.ts";

/** A place for one connection. */
export interface Place {
  /** The client may stay. */
  admitted(): void;
  /** The connection is gone. */
  leave(): void;
}

interface Guest {
  readonly address: string;
  readonly close: () => void;
}

export type Door = ReturnType<typeof createDoor>;

/** Makes a door with nobody inside. */
export function createDoor(limits: Limits) {
  const all = new Set<Guest>();
  /** In the order of their coming. */
  const unadmitted = new Set<Guest>();
  const perAddress = new Map<string, number>();

  /** Takes a connection in; null when there is no place for it. `close` may be called to make room for another. */
  function enter(address: string, close: () => void): Place | null {
    const ofAddress = perAddress.get(address) ?? 0;
    if (all.size >= limits.maxConnections || ofAddress >= limits.maxConnectionsPerAddress) return null;
    if (unadmitted.size >= limits.maxUnadmitted && !makeRoom(address)) return null;
    const guest: Guest = { address, close };
    all.add(guest);
    unadmitted.add(guest);
    perAddress.set(address, ofAddress + 1);
    return { admitted: () => void unadmitted.delete(guest), leave: () => leave(guest) };
  }

  /** One address must not lock the others out: the oldest of whoever waits with most goes. */
  function makeRoom(address: string): boolean {
    const waiting = Map.groupBy(unadmitted, (guest) => guest.address);
    const most = [...waiting.values()].reduce((a, b) => (b.length > a.length ? b : a), []);
    const [oldest] = most;
    if (!oldest || most.length <= (waiting.get(address)?.length ?? 0) + 1) return false;
    leave(oldest);
    oldest.close();
    return true;
  }

  function leave(guest: Guest): void {
    if (!all.delete(guest)) return;
    unadmitted.delete(guest);
    const left = (perAddress.get(guest.address) ?? 1) - 1;
    if (left === 0) perAddress.delete(guest.address);
    else perAddress.set(guest.address, left);
  }

  return { enter };
}
