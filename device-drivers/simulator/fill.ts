/** Fills in the past: every device at every step, in order of time, with a bounded number of messages in flight. */

import type { View } from "./devices/device.ts";
import type { Session } from "./session.ts";

const minuteMs = 60_000;
const coarseStepMs = 15 * minuteMs;
const fineStepMs = 5 * minuteMs;
const fineSpanMs = 24 * 60 * minuteMs;
const inFlightMax = 500;
const reportEveryMs = 5_000;

interface Step {
  timeMs: number;
  /** A coarse step tells power and energy only. */
  isCoarse: boolean;
}

/** Every quarter hour, and every five minutes of the last 24 hours; both ends included where they fall on a step. */
export function* fillTimes({ fromMs, toMs }: { fromMs: number; toMs: number }): Generator<Step> {
  const fineFromMs = Math.ceil((toMs - fineSpanMs) / coarseStepMs) * coarseStepMs;
  let timeMs = Math.ceil(fromMs / coarseStepMs) * coarseStepMs;
  for (; timeMs < fineFromMs; timeMs += coarseStepMs) yield { timeMs, isCoarse: true };
  for (; timeMs <= toMs; timeMs += fineStepMs) yield { timeMs, isCoarse: false };
}

interface Fill {
  fromMs: number;
  toMs: number;
  sessions: readonly Session[];
  look(timeMs: number): View;
  print(line: string): void;
  isStopped(): boolean;
}

/** The number of messages that the broker has acknowledged. */
export async function fillIn({ fromMs, toMs, sessions, look, print, isStopped }: Fill): Promise<number> {
  let inFlight = 0;
  let sent = 0;
  let wake = () => {};
  const settled = () => {
    inFlight -= 1;
    wake();
  };
  const untilBelow = async (limit: number) => {
    while (inFlight >= limit && !isStopped()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      await promise;
    }
  };

  const startedMs = performance.now();
  let reportedMs = startedMs;
  for (const { timeMs, isCoarse } of fillTimes({ fromMs, toMs })) {
    if (isStopped()) break;
    const view = look(timeMs);
    for (const session of sessions) {
      if (isCoarse && timeMs % session.device.coarseStepMs !== 0) continue;
      for (const message of session.device.history(view, isCoarse)) {
        await untilBelow(inFlightMax);
        inFlight += 1;
        sent += 1;
        void session.publish(message).then(settled);
      }
    }
    if (performance.now() - reportedMs > reportEveryMs) {
      reportedMs = performance.now();
      const percent = Math.floor((100 * (timeMs - fromMs)) / (toMs - fromMs));
      print(`History: ${percent} %, ${sent} messages, ${perSecond(sent, startedMs)} a second.`);
    }
  }
  await untilBelow(1);
  print(`History: ${sent} messages filled in, ${perSecond(sent, startedMs)} a second.`);
  return sent;
}

function perSecond(count: number, startedMs: number): number {
  return Math.round(count / Math.max(0.001, (performance.now() - startedMs) / 1000));
}
