/**
 * Live events to the app's sockets. Each turn's changes are gathered for a moment and sent once; a socket that
 * does not keep up gets the newest state of each channel when it is ready again, and holds up nobody.
 */
import type { LiveEvent } from "../api/contract.ts";

/** What the fan-out needs of a WebSocket. */
export interface LiveSocket {
  readonly bufferedAmount: number;
  send(frame: string): void;
}

export interface FanoutOptions {
  snapshot(seesHome: boolean): LiveEvent;
  /** The event of a key given to `touch`, as of now; null when there is nothing to tell any more. */
  event(key: string): LiveEvent | null;
  /** Every socket has been sent what changed so far. */
  onAllSent(): void;
}

export type Fanout = ReturnType<typeof createFanout>;

/** Changes wait at most this long for others; a person sees no difference. */
const gatherMs = 40;
/** A socket with so much unsent is slow: it is skipped until it has taken it. */
const slowBytes = 256 * 1024;
/** How often a slow socket is looked at again. */
const retryMs = 250;

/** The key of what concerns the home as a whole. */
export const homeKey = "home";

export function createFanout(options: FanoutOptions) {
  /** Each socket's keys still to be sent. */
  const waiting = new Map<LiveSocket, Set<string>>();
  /** Of people who see meters only. */
  const withoutHome = new WeakSet<LiveSocket>();
  let timer: NodeJS.Timeout | null = null;

  function add(socket: LiveSocket, seesHome = true): void {
    if (!seesHome) withoutHome.add(socket);
    socket.send(JSON.stringify(options.snapshot(seesHome)));
    waiting.set(socket, new Set());
  }

  /** Marks something as changed; its newest state is sent soon. */
  function touch(key: string): void {
    if (waiting.size === 0) return;
    for (const [socket, keys] of waiting) if (key !== homeKey || !withoutHome.has(socket)) keys.add(key);
    schedule(gatherMs);
  }

  function schedule(delayMs: number): void {
    timer ??= setTimeout(flush, delayMs);
  }

  function flush(): void {
    timer = null;
    const frames = new Map<string, string | null>();
    let hasSlow = false;
    for (const [socket, keys] of waiting) {
      if (keys.size === 0) continue;
      if (socket.bufferedAmount > slowBytes) {
        hasSlow = true;
        continue;
      }
      for (const key of keys) {
        const frame = frameOf(key, frames);
        if (frame !== null) socket.send(frame);
      }
      keys.clear();
    }
    if (hasSlow) schedule(retryMs);
    else options.onAllSent();
  }

  /** Builds each frame once, for all sockets. */
  function frameOf(key: string, frames: Map<string, string | null>): string | null {
    const known = frames.get(key);
    if (known !== undefined) return known;
    const event = options.event(key);
    const frame = event && JSON.stringify(event);
    frames.set(key, frame);
    return frame;
  }

  return {
    add,
    remove: (socket: LiveSocket) => void waiting.delete(socket),
    touch,
    sockets: () => waiting.size,
    close(): void {
      if (timer) clearTimeout(timer);
      waiting.clear();
    },
  };
}
