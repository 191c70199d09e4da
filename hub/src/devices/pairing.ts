/**
 * The pairing window: for five minutes an unknown client may connect and wait. What it sends is shown to people and goes
 * nowhere else; once they approve it, it is a device.
 */
import { HubError } from "../errors.ts";
import type { DeviceRow } from "../records.ts";
import type { Credentials } from "./devices.ts";

/** What a message of a waiting client says. */
export interface Understood {
  dialect: string;
  name: string | null;
  model: string | null;
  readings: { quantity: string; value: number; unit: string }[];
}

export interface Pending {
  clientId: string;
  address: string;
  firstSeenMs: number;
  lastSeenMs: number;
  hasPassword: boolean;
  dialect: string | null;
  name: string | null;
  model: string | null;
  messages: number;
  topics: string[];
  readings: Understood["readings"];
}

export interface PairingOptions {
  nowMs(): number;
  /** null when no driver understands the message. */
  understand(topic: string, payload: Uint8Array): Understood | null;
  approve(name: string, dialect: string | null, credentials: Credentials): DeviceRow;
  /** The client must go: it comes back as what it has become. */
  disconnect(clientId: string): void;
}

export type PairingWindow = ReturnType<typeof createPairing>;

export const windowMs = 5 * 60_000;
/** Who waited when the window closed may still be approved for so long. */
const keepMs = 10 * 60_000;
const mostPending = 50;
const mostTopics = 10;
const mostReadings = 10;

export function createPairing({ nowMs, understand, approve, disconnect }: PairingOptions) {
  // By a clock that never jumps: a window that was opened closes after five minutes.
  let openUntil = 0;
  let timer: NodeJS.Timeout | null = null;
  const waiting = new Map<string, { about: Pending; credentials: Credentials }>();
  const refused = new Set<string>();

  const isOpen = () => performance.now() < openUntil;

  function open(): void {
    openUntil = performance.now() + windowMs;
    refused.clear();
    if (timer) clearTimeout(timer);
    timer = setTimeout(close, windowMs).unref();
  }

  function close(): void {
    openUntil = 0;
    if (timer) clearTimeout(timer);
    for (const clientId of waiting.keys()) disconnect(clientId);
    timer = setTimeout(() => waiting.clear(), keepMs).unref();
  }

  /** Whether an unknown client may wait; it is noted then. */
  function admit(credentials: Credentials, address: string): boolean {
    const { clientId, password } = credentials;
    if (!isOpen() || refused.has(clientId) || (!waiting.has(clientId) && waiting.size >= mostPending)) return false;
    const known = waiting.get(clientId)?.about;
    const about: Pending = {
      ...{ clientId, address, firstSeenMs: known?.firstSeenMs ?? nowMs(), lastSeenMs: nowMs() },
      hasPassword: (password?.length ?? 0) > 0,
      ...{ dialect: known?.dialect ?? null, name: known?.name ?? null, model: known?.model ?? null },
      ...{ messages: known?.messages ?? 0, topics: known?.topics ?? [], readings: known?.readings ?? [] },
    };
    waiting.set(clientId, { about, credentials });
    return true;
  }

  /** Notes what a waiting client sent. */
  function note(clientId: string, topic: string, payload: Uint8Array): void {
    const about = waiting.get(clientId)?.about;
    if (!about) return;
    about.lastSeenMs = nowMs();
    about.messages++;
    if (about.topics.length < mostTopics && !about.topics.includes(topic)) about.topics.push(topic);
    const understood = understand(topic, payload);
    if (!understood) return;
    about.dialect = understood.dialect;
    about.name = understood.name ?? about.name;
    about.model = understood.model ?? about.model;
    const kept = about.readings.filter((old) => !understood.readings.some((one) => one.quantity === old.quantity));
    about.readings = [...understood.readings, ...kept].slice(0, mostReadings);
  }

  function waitingOf(clientId: string) {
    const found = waiting.get(clientId);
    if (found) return found;
    throw new HubError("NOT_FOUND", `No device "${clientId}" waits`, "Open pairing, and start the device again.");
  }

  return {
    isOpen,
    open,
    close,
    admit,
    note,
    /** Epoch milliseconds, null while it is closed. */
    openUntilMs: () => (isOpen() ? Math.round(nowMs() + openUntil - performance.now()) : null),
    pending: (): Pending[] => [...waiting.values()].map(({ about }) => about),
    /** Makes a waiting client a device. Throws HubError NOT_FOUND or TOO_MANY. */
    approve(clientId: string, name: string): DeviceRow {
      const { about, credentials } = waitingOf(clientId);
      const device = approve(name, about.dialect, credentials);
      waiting.delete(clientId);
      disconnect(clientId);
      return device;
    },
    refuse(clientId: string): void {
      waitingOf(clientId);
      waiting.delete(clientId);
      refused.add(clientId);
      disconnect(clientId);
    },
    stop(): void {
      if (timer) clearTimeout(timer);
    },
  };
}
