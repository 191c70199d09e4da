import { batch, createContext, createMemo, createSignal, onCleanup, useContext } from "solid-js";
import { createStore, produce } from "solid-js/store";
import type { Command, LiveEvent } from "../../../hub/src/api/contract.ts";
import { backoffMs } from "./backoff.ts";
import { tickMs } from "./clock.ts";
import { applyCommand, applyEvent, emptyState, type LiveState } from "./readings.ts";

/** The hub speaks at least each 5 s; a socket silent for this long is dead, whatever the browser thinks. */
const SILENT_MS = 20_000;
/** After this long without the hub, a last number is no longer shown as a number of now. */
const EXPIRED_MS = 30_000;
/** Many meters report each minute; when nothing at all did for this long, the data is old. */
const STALE_MS = 150_000;
/** A page in the background lets the socket go, for the phone's battery. */
const HIDDEN_MS = 60_000;
/** Sixty meters that report in the same instant must not hold up a slow phone's frame; a backlog goes faster. */
const EVENTS_PER_FRAME = 8;

export type ConnectionState = "connecting" | "live" | "offline" | "stale";

/** How far numbers may be trusted: as of now; a moment old; no longer. */
export type Freshness = "fresh" | "fading" | "expired";

export interface Live {
  state: LiveState;
  connection(): ConnectionState;
  freshness(): Freshness;
  /** Seconds to the next try; null when none is waited for. */
  retryInS(): number | null;
  /** Age of the newest measurement; null when there is none. */
  dataAgeMs(): number | null;
  /** How old an instant of the hub's clock is. */
  ageMs(timeMs: number): number;
  /** The hub's own clock, in whole seconds. */
  nowMs(): number;
  /** When the hub last spoke, by this device's clock. */
  lastFrameMs(): number;
  /** Increases with each new connection, so that histories can be read again. */
  session(): number;
  retryNow(): void;
  /** Takes over a command that a request was answered with. */
  note(command: Command): void;
}

type Phase = { kind: "opening" } | { kind: "open" } | { kind: "waiting"; untilMs: number };

/**
 * Opens the live socket and keeps it; call inside a root, which closes it. `mayEnter` is asked when a socket has ended:
 * it renews a session that has run out, and answers whether the hub lets the person in.
 */
export function openLive(url: string, mayEnter: () => Promise<boolean>): Live {
  const [state, setState] = createStore<LiveState>(emptyState());
  const [phase, setPhase] = createSignal<Phase>({ kind: "opening" });
  const [attempt, setAttempt] = createSignal(0);
  const [session, setSession] = createSignal(0);
  const [lastFrameMs, setLastFrameMs] = createSignal(0);
  // The hub's clock less this device's: ages must not depend on a phone that is set wrong.
  const [skewMs, setSkewMs] = createSignal(0);

  let socket: WebSocket | null = null;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let silenceTimer: ReturnType<typeof setInterval> | undefined;
  let heardMs = 0;
  let hiddenTimer: ReturnType<typeof setTimeout> | undefined;
  let frame = 0;
  let queue: LiveEvent[] = [];
  let isClosed = false;

  function open(): void {
    clearTimeout(retryTimer);
    setPhase({ kind: "opening" });
    const opened = new WebSocket(url);
    socket = opened;
    heardMs = Date.now();
    silenceTimer = setInterval(() => {
      if (Date.now() - heardMs > SILENT_MS) lost();
    }, SILENT_MS / 4);
    opened.onmessage = (message) => {
      if (socket !== opened) return;
      heardMs = Date.now();
      queue.push(JSON.parse(message.data) as LiveEvent);
      frame ||= requestAnimationFrame(drain);
    };
    opened.onclose = () => {
      if (socket === opened) lost();
    };
  }

  function drain(): void {
    const events = queue.splice(0, Math.max(EVENTS_PER_FRAME, queue.length / 8));
    frame = queue.length > 0 ? requestAnimationFrame(drain) : 0;
    batch(() => {
      const nowMs = Date.now();
      setLastFrameMs(nowMs);
      const newest = events.at(-1);
      if (newest) setSkewMs((before) => steadied(before, Date.parse(newest.timestamp) - nowMs));
      setState(
        produce((draft) => {
          for (const event of events) applyEvent(draft, event);
        }),
      );
      if (events.some((event) => event.event_type === "snapshot")) {
        setAttempt(0);
        setPhase({ kind: "open" });
        setSession((value) => value + 1);
      }
    });
  }

  function lost(): void {
    drop();
    // Only the first time: a socket that fails although the hub lets the person in must not be tried without a pause.
    const isFirst = attempt() === 0;
    void mayEnter().then((may) => {
      if (may && isFirst && !isClosed && phase().kind === "waiting") retryNow();
    });
    const waitMs = backoffMs(attempt(), Math.random());
    setAttempt((value) => value + 1);
    setPhase({ kind: "waiting", untilMs: Date.now() + waitMs });
    retryTimer = setTimeout(open, waitMs);
  }

  function drop(): void {
    clearTimeout(retryTimer);
    clearInterval(silenceTimer);
    cancelAnimationFrame(frame);
    frame = 0;
    queue = [];
    const dropped = socket;
    socket = null;
    dropped?.close();
  }

  function retryNow(): void {
    drop();
    open();
  }

  function onOnline(): void {
    if (phase().kind !== "open") retryNow();
  }

  function onVisibility(): void {
    clearTimeout(hiddenTimer);
    if (document.hidden) {
      hiddenTimer = setTimeout(() => {
        drop();
        setPhase({ kind: "opening" });
      }, HIDDEN_MS);
    } else if (!socket || Date.now() - lastFrameMs() > SILENT_MS / 2) {
      retryNow();
    }
  }

  window.addEventListener("online", onOnline);
  document.addEventListener("visibilitychange", onVisibility);
  open();
  onCleanup(() => {
    window.removeEventListener("online", onOnline);
    document.removeEventListener("visibilitychange", onVisibility);
    clearTimeout(hiddenTimer);
    isClosed = true;
    drop();
  });

  // In whole seconds: each row of a list asks, and need not with every frame.
  const hubNowMs = createMemo(() => Math.floor((Math.max(tickMs(), lastFrameMs()) + skewMs()) / 1_000) * 1_000);
  const ageMs = (timeMs: number) => Math.max(0, hubNowMs() - timeMs);

  const newestMs = createMemo(() => {
    let newest = state.home?.now.timeMs ?? 0;
    for (const meter of Object.values(state.meters)) newest = Math.max(newest, meter.lastSeenMs);
    return newest;
  });
  const dataAgeMs = () => (newestMs() > 0 ? ageMs(newestMs()) : null);

  const connection = createMemo((): ConnectionState => {
    if (phase().kind === "open") return (dataAgeMs() ?? 0) > STALE_MS ? "stale" : "live";
    return phase().kind === "waiting" || attempt() > 0 ? "offline" : "connecting";
  });

  const freshness = createMemo((): Freshness => {
    if (phase().kind === "open") return "fresh";
    return tickMs() - lastFrameMs() > EXPIRED_MS ? "expired" : "fading";
  });

  return {
    state,
    connection,
    freshness,
    retryInS: () => {
      const current = phase();
      return current.kind === "waiting" ? Math.max(0, Math.ceil((current.untilMs - tickMs()) / 1000)) : null;
    },
    dataAgeMs,
    ageMs,
    nowMs: hubNowMs,
    lastFrameMs,
    session,
    retryNow,
    note: (command) => setState(produce((draft) => applyCommand(draft, command))),
  };
}

/** Frames take more or less long on their way; only a difference that a person could see moves the clock. */
function steadied(beforeMs: number, skewMs: number): number {
  return Math.abs(skewMs - beforeMs) < 500 ? beforeMs : skewMs;
}

export const LiveContext = createContext<Live>();

export function useLive(): Live {
  const live = useContext(LiveContext);
  if (!live) throw new Error("useLive needs a LiveContext above it");
  return live;
}

/** The home's time zone; where the home is not shown, that of this device. */
export function useTimeZone(): () => string {
  const live = useLive();
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return () => live.state.home?.timeZone ?? own;
}
