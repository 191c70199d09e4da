/** Listens on one external broker for as long as it is open: connects, and connects again whenever that ends. */
import type { BrokerProblem, BrokerState } from "../../api/broker-contract.ts";
import type { Log } from "../../log.ts";
import { retryDelayMs } from "./backoff.ts";
import { type Connection, type Done, type Message, openConnection, type Target } from "./connection.ts";
import { selfProblem } from "./problem.ts";

export interface ExternalBrokerOptions {
  settings: Target & { name: string };
  /** `done` is to be called when the message is safe: it is acknowledged to the broker then, and not before. */
  onMessage(message: Message, done: Done): void;
  /** Something other than its counts changed. */
  onState?(state: BrokerState): void;
  log: Pick<Log, "info" | "warn">;
  nowMs(): number;
}

export interface ExternalBroker {
  state(): BrokerState;
  /** One of its messages had come through another broker. */
  noteRepeated(): void;
  /** What it is connecting to has turned out to be the hub itself. */
  noteSelf(): void;
  /** With `forget` the broker keeps nothing for the hub. */
  close(options?: { forget?: boolean }): Promise<void>;
}

/** A connection that lasts as long is a good one: the next failure is the first. */
const steadyMs = 30_000;
/** What only a person can mend is tried less often: brokers lock out clients that try passwords. */
const refusals: readonly BrokerProblem["code"][] = ["credentials", "not_allowed", "client_certificate", "self"];
const failuresOfRefusal = 5;

/** Begins to listen. Never throws: what is wrong is in the state. */
export function openExternalBroker({
  settings,
  onMessage,
  onState,
  log,
  nowMs,
}: ExternalBrokerOptions): ExternalBroker {
  const state: BrokerState = {
    ...{ isConnected: false, sinceMs: null, problem: null, attempts: 0, nextAttemptMs: null },
    ...{ messages: 0, repeated: 0, dropped: 0 },
  };
  let connection: Connection | null = null;
  let timer: NodeJS.Timeout | null = null;
  let failures = 0;
  let connectedAtMs = Number.NaN;
  let isClosed = false;

  function attempt(): void {
    timer = null;
    state.nextAttemptMs = null;
    connection = openConnection(settings, {
      onConnected,
      onMessage(message, done) {
        state.messages++;
        onMessage(message, done);
      },
      onDropped() {
        state.messages++;
        state.dropped++;
      },
      onEnded,
    });
  }

  function onConnected(problem: BrokerProblem | null): void {
    connectedAtMs = performance.now();
    Object.assign(state, { isConnected: true, sinceMs: nowMs(), attempts: 0 });
    log.info(`The hub listens on the broker ${settings.name} (${settings.host} port ${settings.port})`);
    tell(problem);
  }

  function onEnded(problem: BrokerProblem | null): void {
    connection = null;
    if (state.isConnected) {
      Object.assign(state, { isConnected: false, sinceMs: nowMs() });
      if (performance.now() - connectedAtMs >= steadyMs) failures = 0;
    }
    if (isClosed) return;
    state.attempts++;
    const isRefusal = problem !== null && refusals.includes(problem.code);
    const delayMs = retryDelayMs(isRefusal ? Math.max(failures, failuresOfRefusal) : failures, Math.random());
    failures++;
    state.nextAttemptMs = nowMs() + delayMs;
    timer = setTimeout(attempt, delayMs);
    tell(problem);
  }

  /** Says each problem once, and not with every attempt. */
  function tell(problem: BrokerProblem | null): void {
    if (problem && problem.code !== state.problem?.code) {
      log.warn(`The broker ${settings.name}: ${problem.message}. ${problem.hint}`);
    }
    state.problem = problem;
    onState?.({ ...state });
  }

  attempt();
  return {
    state: () => ({ ...state }),
    noteRepeated() {
      state.repeated++;
    },
    noteSelf() {
      // One that has let the hub in is another: somebody there uses the hub's client id.
      if (!state.isConnected) connection?.fail(selfProblem);
    },
    async close(options) {
      isClosed = true;
      if (timer) clearTimeout(timer);
      await connection?.end(options);
    },
  };
}
