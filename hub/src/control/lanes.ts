/**
 * One command at a time on each relay: it is sent, waited for, and sent again; the next one waits until the relay has
 * rested, and a newer one takes its place. All spans are timers, so that a clock that is set changes none of them.
 */
import type { CommandFailure } from "../api/control-contract.ts";
import type { Order, TimeLimits } from "./control.ts";

export interface LanesOptions extends TimeLimits {
  mostCommands: number;
  mostSends: number;
  /** Sends an order (again); false when its device has gone. */
  transmit(order: Order): boolean;
  /** Called once for each order; `failure` null is success. */
  end(order: Order, failure: CommandFailure | null): void;
}

export interface Lane {
  /** Whether an order has no answer yet. */
  isBusy(): boolean;
  /** What the relay is to be after all that was asked; null when nothing is under way that says it. */
  wanted(): boolean | null;
  /** Counts a command; false when there were too many. */
  count(): boolean;
  /** Sends the order at once, or when the relay has rested. */
  take(order: Order): void;
}

interface LaneState {
  sent: Order | null;
  waiting: Order | null;
  isResting: boolean;
  /** Commands within the last span. */
  count: number;
}

export function createLanes(options: LanesOptions) {
  const states = new Map<string, LaneState>();
  const underWay = new Map<Order, LaneState>();
  const timers = new Set<NodeJS.Timeout>();

  function after(ms: number, action: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      action();
    }, ms);
    timers.add(timer);
  }

  function laneOf(key: string): Lane {
    const state = states.get(key) ?? { sent: null, waiting: null, isResting: false, count: 0 };
    return {
      isBusy: () => state.sent !== null || state.waiting !== null,
      wanted: () => (state.waiting ?? state.sent)?.view.on ?? null,
      count: () => count(key, state),
      take(order) {
        if (state.waiting) options.end(state.waiting, "replaced");
        state.waiting = order;
        if (!state.isResting) next(state);
      },
    };
  }

  /** A lane is kept while a command of it counts. */
  function count(key: string, state: LaneState): boolean {
    if (state.count >= options.mostCommands) return false;
    state.count++;
    states.set(key, state);
    after(options.spanMs, () => {
      state.count--;
      if (state.count === 0) states.delete(key);
    });
    return true;
  }

  /** Sends what waits, in place of what was not answered. */
  function next(state: LaneState): void {
    const order = state.waiting;
    if (!order) return;
    if (state.sent) finish(state.sent, "replaced");
    Object.assign(state, { waiting: null, sent: order });
    underWay.set(order, state);
    after(options.answerMs, () => finish(order, "no_answer"));
    transmit(order, state);
  }

  /** To set a state twice does no harm, so it is sent again; to toggle or to restart twice would. */
  function transmit(order: Order, state: LaneState): void {
    if (!options.transmit(order)) {
      finish(order, "offline");
      return;
    }
    rest(state);
    if (order.view.on === null || order.view.sends >= options.mostSends) return;
    after(options.retryMs, () => {
      if (underWay.has(order)) transmit(order, state);
    });
  }

  function rest(state: LaneState): void {
    state.isResting = true;
    after(options.restMs, () => {
      state.isResting = false;
      next(state);
    });
  }

  /** Ends an order that was sent; nothing when it has ended already. */
  function finish(order: Order, failure: CommandFailure | null): void {
    const state = underWay.get(order);
    if (!state) return;
    underWay.delete(order);
    state.sent = null;
    options.end(order, failure);
  }

  function stop(): void {
    for (const timer of timers) clearTimeout(timer);
    timers.clear();
    for (const { waiting } of states.values()) if (waiting) options.end(waiting, "stopped");
    for (const order of [...underWay.keys()]) finish(order, "stopped");
    states.clear();
  }

  return {
    laneOf,
    finish,
    stop,
    /** The order of a lane that was sent and has no answer yet. */
    underWay: (key: string): Order | null => states.get(key)?.sent ?? null,
    allUnderWay: (): Order[] => [...underWay.keys()],
    /** How many orders are under way. */
    size: () => underWay.size,
  };
}
