/**
 * Meters under load: each a client of its own with a window of messages in flight, as real clients keep them. What
 * they send and what is acknowledged goes into a model. After a hub was killed they go on, and first send again what
 * was not acknowledged.
 */
import { connectAsync, type MqttClient } from "mqtt";
import type { Model, SentSeries } from "./model.ts";

/** How a meter behaves. */
export interface Habits {
  id: string;
  /** Messages of QoS 1 in flight at most. */
  window: number;
  /** The share of messages of QoS 0, from 0 to 1. */
  qos0Share: number;
  /** The share of messages that come late, out of order. */
  lateShare: number;
  /** From which message on the meter also sends an import register, which takes over from power; null: never. */
  registerFrom: number | null;
  /** The meter has a clock, and sends its time; else readings are stamped on arrival. */
  hasClock: boolean;
}

/** Habits that meet every way of taking a reading; `suffix` tells meters of one block from those of another. */
export function usualHabits(suffix: string): Habits[] {
  const usual = { qos0Share: 0.1, lateShare: 0, registerFrom: null, hasClock: true };
  return [
    { ...usual, id: `boiler${suffix}`, window: 100 },
    { ...usual, id: `tank${suffix}`, window: 200, lateShare: 0.02 },
    { ...usual, id: `supply${suffix}`, window: 60, lateShare: 0.01, registerFrom: 2_000 },
    { ...usual, id: `plug${suffix}`, window: 4, hasClock: false, qos0Share: 0 },
  ];
}

export type LoadMeter = ReturnType<typeof createMeter>;

/** How many later messages overtake a late one, at most. */
const mostLate = 3_000;
/** Messages between pauses, so that acknowledgements are read. */
const turn = 20;

interface Message {
  at: number;
  qos: 0 | 1;
}

/** A meter that sends a reading a second of its own time from `startMs` on, as fast as the hub takes them. */
export function createMeter(habits: Habits, model: Model, startMs: number, random: () => number) {
  const channel = `customer-${habits.id}/main`;
  const topic = `home/home/device/${habits.id}/telemetry`;
  const power = model.series(channel, "power_active", "power");
  const register = habits.registerFrom === null ? null : model.series(channel, "energy_active", "import_register");
  const late: { message: Message; afterAt: number }[] = [];
  const unacknowledged = new Map<number, Message>();
  let nextAt = 0;
  let acknowledged = 0;

  function timeAt(at: number): number {
    return startMs + at * 1_000;
  }

  function hasRegister(at: number): boolean {
    return habits.registerFrom !== null && at >= habits.registerFrom;
  }

  /** The values of a message are made of its number, so that any stored one can be checked. */
  function payloadOf(at: number): string {
    if (!habits.hasClock) return JSON.stringify({ w: at });
    const w = 100 + ((at * 7_919) % 4_000) / 10;
    return JSON.stringify({ w, ...(hasRegister(at) && { wh: 5_000 + at * 2 }), ts: timeAt(at) / 1_000 });
  }

  function noteSent(at: number): void {
    if (!habits.hasClock) power.byArrival.add(at);
    else {
      const { w, wh } = JSON.parse(payloadOf(at)) as { w: number; wh?: number };
      power.byTime.set(timeAt(at), w);
      if (wh !== undefined) register?.byTime.set(timeAt(at), wh);
    }
  }

  function noteAcknowledged({ at }: Message): void {
    acknowledged++;
    const key = habits.hasClock ? timeAt(at) : at;
    power.acknowledged.add(key);
    if (hasRegister(at)) (register as SentSeries).acknowledged.add(key);
  }

  /** The next message: one that was held back long enough, or a new one. */
  function next(): Message {
    const due = late.findIndex(({ afterAt }) => afterAt <= nextAt);
    if (due >= 0) return late.splice(due, 1)[0]!.message;
    const message: Message = { at: nextAt++, qos: random() < habits.qos0Share ? 0 : 1 };
    if (random() >= habits.lateShare) return message;
    late.push({ message, afterAt: nextAt + 1 + Math.floor(random() * mostLate) });
    return next();
  }

  /** Sends until the hub is gone or `isEnough` says so. */
  async function send(client: MqttClient, isEnough: () => boolean): Promise<void> {
    const inFlight = new Set<Message>();
    /** Sent without acknowledgement, each with how many messages went before it. */
    const ridingAlong: { message: Message; order: number }[] = [];
    let order = 0;
    let wake = () => {};
    client.once("close", () => wake());

    const publish = (message: Message) => {
      noteSent(message.at);
      const { qos } = message;
      const sentAs = order++;
      if (qos === 0) {
        ridingAlong.push({ message, order: sentAs });
        client.publish(topic, payloadOf(message.at));
        return;
      }
      inFlight.add(message);
      unacknowledged.set(message.at, message);
      client.publish(topic, payloadOf(message.at), { qos }, (error) => {
        inFlight.delete(message);
        if (!error) {
          unacknowledged.delete(message.at);
          noteAcknowledged(message);
          // The hub takes a connection's messages in order: what came before is in the same commit or an earlier one.
          while (ridingAlong.length > 0 && ridingAlong[0]!.order < sentAs)
            noteAcknowledged(ridingAlong.shift()!.message);
        }
        wake();
      });
    };

    // A reading without a time of its own would be another reading when it is sent again.
    const again = habits.hasClock ? [...unacknowledged.values()] : [];
    unacknowledged.clear();
    for (let sent = 0; client.connected && (again.length > 0 || !isEnough()); ) {
      if (inFlight.size >= habits.window) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      publish(again.shift() ?? next());
      if (++sent % turn === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    for (const message of again) unacknowledged.set(message.at, message);
    while (client.connected && inFlight.size > 0) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  return {
    send,
    /** Sends what is left: late messages, and those not acknowledged. */
    async finish(client: MqttClient): Promise<void> {
      for (const held of late) held.afterAt = 0;
      await send(client, () => late.length === 0);
    },
    acknowledged: () => acknowledged,
    /** The newest time sent, epoch milliseconds. */
    newestMs: () => timeAt(nextAt),
  };
}

/** A client of a hub that is not connected again; errors of a killed hub are expected. */
export async function connect(mqttPort: number): Promise<MqttClient> {
  const client = await connectAsync(`mqtt://127.0.0.1:${mqttPort}`, { reconnectPeriod: 0 });
  client.on("error", () => {});
  return client;
}
