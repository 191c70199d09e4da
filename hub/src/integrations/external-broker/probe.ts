/** Tries settings out: connects for some seconds, and says what there is to hear. */
import { createMessage, decode, drivers } from "@faiban/device-drivers";
import type { BrokerProblem, BrokerTest } from "../../api/broker-contract.ts";
import { type Connection, openConnection, type Target } from "./connection.ts";
import { selfProblem } from "./problem.ts";

const listenMs = 5_000;
const mostTopics = 10_000;

export interface Probe {
  /** Never rejects. */
  found: Promise<BrokerTest>;
  /** It reached the hub itself. */
  noteSelf(): void;
  close(): void;
}

/** Connects for up to 10 s, and then listens for 5 s, or `listenForMs`. */
export function openProbe(target: Target, listenForMs = listenMs): Probe {
  /** By topic, the dialect of its first message; null when no driver knows it. */
  const topics = new Map<string, string | null>();
  let messages = 0;
  let isConnected = false;
  let problem: BrokerProblem | null = null;
  let timer: NodeJS.Timeout | null = null;
  const { promise, resolve } = Promise.withResolvers<BrokerTest>();
  // Nothing that it hears is kept, so nothing needs to be acknowledged.
  const filters = target.filters.map(({ filter }) => ({ filter, qos: 0 as const }));
  const connection: Connection = openConnection(
    { ...target, filters, isPersistent: false },
    {
      onConnected(found) {
        isConnected = true;
        problem = found;
        timer = setTimeout(() => void connection.end(), listenForMs);
      },
      onMessage({ topic, payload, isKept }, done) {
        messages++;
        if (!topics.has(topic) && topics.size < mostTopics) {
          topics.set(topic, decode(createMessage({ topic, payload, retain: isKept }))?.dialect ?? null);
        }
        done(null);
      },
      onDropped() {
        messages++;
      },
      onEnded(found) {
        if (timer) clearTimeout(timer);
        const dialects = countDialects(topics.values());
        const unknownTopics = [...topics.values()].filter((dialect) => dialect === null).length;
        resolve({ isConnected, problem: found ?? problem, messages, topics: topics.size, dialects, unknownTopics });
      },
    },
  );
  return {
    found: promise,
    noteSelf: () => connection.fail(selfProblem),
    close: () => void connection.end(),
  };
}

function countDialects(found: Iterable<string | null>): BrokerTest["dialects"] {
  const counts = new Map<string, number>();
  for (const dialect of found) if (dialect !== null) counts.set(dialect, (counts.get(dialect) ?? 0) + 1);
  const titleOf = (dialect: string) => drivers.find((driver) => driver.dialect === dialect)?.title ?? dialect;
  return [...counts]
    .map(([dialect, topics]) => ({ dialect, title: titleOf(dialect), topics }))
    .sort((a, b) => b.topics - a.topics);
}
