/**
 * Commands to devices: each in its dialect's own words, confirmed by the device itself. A command lives in memory alone,
 * so that none is sent by a hub that has just started, and it ends within seconds: confirmed, or failed with a reason.
 */
import { randomUUID } from "node:crypto";
import {
  type Command as Asked,
  type CommandMessage,
  type CommandTarget,
  createMessage,
  type DefinitionData,
  type DialectCommands,
} from "@faiban/device-drivers";
import type * as api from "../api/control-contract.ts";
import type { Channel, Meter } from "../model.ts";
import { createLanes, type Lane } from "./lanes.ts";
import * as refusals from "./refusals.ts";
import { createHeardTopics, isOwnTopic } from "./topics.ts";

export interface ControlOptions {
  homeId: string;
  /** How devices of a dialect are commanded; undefined when they cannot be. */
  commandsOf(dialect: string): DialectCommands | undefined;
  /** What messages have said about others on a topic. */
  known(topic: string, dialect: string): readonly DefinitionData[];
  publish(message: CommandMessage): void;
  nowMs(): number;
  /** False: nothing is sent, since a message for a device that is away would reach it at some later time. */
  isOnline(meter: Meter): boolean;
  /** The device that owns a place of topics, null when nobody does. */
  ownerOf(place: string): string | null;
  timeLimits?: Partial<TimeLimits>;
  /** A command is new, or its state has changed. */
  onChange(command: api.Command): void;
  audit(entry: Asker & { action: string; target: string; detail: string }): void;
}

export interface TimeLimits {
  /** What is not answered by then has failed; a Zigbee network itself tries for ten seconds. */
  answerMs: number;
  /** A switch without an answer is sent again after this time. */
  retryMs: number;
  /** Between two commands to one relay. */
  restMs: number;
  /** The span in which a channel takes `mostCommands`. */
  spanMs: number;
}

const defaultLimits: TimeLimits = { answerMs: 12_000, retryMs: 4_000, restMs: 1_000, spanMs: 60_000 };
/** Commands a channel takes within `spanMs`. */
const mostCommands = 20;
const mostSends = 3;
/** Commands that are remembered. */
const mostKept = 200;

/** Who asks: the name, the id of the person behind it (null when there is none), and from where. */
export interface Asker {
  actor: string;
  actorId: string | null;
  address: string;
}

/** A command under way, or ended. */
export interface Order {
  readonly view: api.Command;
  readonly meter: Meter;
  readonly channel: Channel | null;
  readonly messages: readonly CommandMessage[];
  readonly by: Asker;
  /** The device has reported the other state since it was sent. */
  isContradicted: boolean;
}

/** A relay's state as a message told it. */
export interface HeardRelay {
  channel: Channel;
  isOn: boolean;
  topic: string;
}

export type Control = ReturnType<typeof createControl>;

export function createControl(options: ControlOptions) {
  const limits = { ...defaultLimits, ...options.timeLimits };
  const heard = createHeardTopics();
  const orders = new Map<string, Order>();
  const lanes = createLanes({ ...limits, mostCommands, mostSends, transmit, end });

  /**
   * Takes a command; it is sent at once, or when its channel has rested. Throws HubError when nothing is sent: the meter is
   * offline or of another home, cannot do it, listens at a topic that is not its own, or was commanded too often.
   */
  function send(meter: Meter, channel: Channel | null, wish: Asked, by: Asker): api.Command {
    if (meter.homeId !== options.homeId) throw refusals.otherHome(meter);
    if (channel && channel.relay === null) throw refusals.noRelay(meter);
    const id = randomUUID();
    const lane = lanes.laneOf(channel?.id ?? meter.id);
    const asked = channel ? resolved(wish, channel, lane) : wish;
    const messages = messagesOf(meter, channel, asked, id);
    if (!channel && lane.isBusy()) throw refusals.underWay(meter);
    if (!lane.count()) throw refusals.tooOften(meter);
    const view = viewOf({ id, meter, channel, asked, kind: wish.kind, by, nowMs: options.nowMs() });
    const order: Order = { view, meter, channel, messages, by, isContradicted: false };
    keep(order);
    if (!options.isOnline(meter)) {
      end(order, "offline");
      throw refusals.offline(meter);
    }
    options.onChange({ ...view });
    lane.take(order);
    return { ...view };
  }

  /** What a toggle comes to, from the state that is on its way, or that the device has told since the hub started. */
  function resolved(wish: Asked, channel: Channel, lane: Lane): Asked {
    if (wish.kind !== "toggle") return wish;
    const before = lane.wanted() ?? (heard.of(channel).length > 0 ? channel.relay : null);
    return before === null ? wish : { kind: "switch", on: !before };
  }

  function messagesOf(meter: Meter, channel: Channel | null, asked: Asked, requestId: string): CommandMessage[] {
    const commands = options.commandsOf(meter.dialect);
    const target = targetOf(meter, channel, requestId);
    const messages = commands?.messagesOf(target, asked);
    if (!messages) {
      const mayTellLater = commands && channel && target.topics.length === 0;
      throw mayTellLater ? refusals.notHeardYet(meter) : refusals.cannot(meter, asked.kind);
    }
    for (const { topic } of messages) {
      if (!isOwnTopic(meter, topic, options.ownerOf)) throw refusals.foreignTopic(meter, topic);
    }
    return messages;
  }

  function targetOf(meter: Meter, channel: Channel | null, requestId: string): CommandTarget {
    const { nativeId: meterId, aliases, homeId } = meter;
    const topics = channel ? heard.of(channel) : [...meter.channels.values()].flatMap((one) => heard.of(one));
    const [topic] = topics;
    const definitions = topic === undefined ? [] : options.known(topic, meter.dialect);
    return { meterId, aliases, homeId, channel: channel?.key ?? "", topics, definitions, requestId };
  }

  function keep(order: Order): void {
    orders.set(order.view.id, order);
    const [oldest] = orders.keys();
    if (orders.size > mostKept && oldest !== undefined) orders.delete(oldest);
  }

  /** Sends an order, or sends it again. False when its device has gone meanwhile. */
  function transmit({ view, meter, messages }: Order): boolean {
    if (!options.isOnline(meter)) return false;
    view.sends++;
    view.sentMs ??= options.nowMs();
    view.state = "sent";
    options.onChange({ ...view });
    for (const message of messages) options.publish(message);
    return true;
  }

  /** An order has come to its end; `failure` null is success. */
  function end({ view, meter, channel, by, isContradicted }: Order, failure: api.CommandFailure | null): void {
    view.state = failure === null ? "confirmed" : "failed";
    view.failure = failure === "no_answer" && isContradicted ? "not_done" : failure;
    view.endedMs = options.nowMs();
    options.onChange({ ...view });
    const what = view.on === null ? view.kind : view.on ? "on" : "off";
    options.audit({
      ...{ ...by, action: `command.${view.kind}`, target: channel?.id ?? meter.id },
      detail: `${what}: ${view.failure ?? "confirmed"}${view.error === null ? "" : `, ${view.error}`}`,
    });
  }

  /** A device has told a relay's state, whether it has changed or not; called for each message that does. */
  function hearRelay({ channel, isOn, topic }: HeardRelay): void {
    heard.note(channel, topic);
    const order = lanes.underWay(channel.id);
    if (!order) return;
    if (order.view.on === null || order.view.on === isOn) lanes.finish(order, null);
    else order.isContradicted = true;
  }

  /** A message of any kind; `deviceId` is who sent it. Cheap while no command is under way. */
  function hear({ topic, payload, deviceId }: { topic: string; payload: Uint8Array; deviceId: string | null }): void {
    if (lanes.size() === 0) return;
    const message = createMessage({ topic, payload });
    for (const order of lanes.allUnderWay()) {
      const { meter, view } = order;
      // Another device may know how to speak as this one does; it is not the one that was asked.
      if (meter.deviceId !== null && meter.deviceId !== deviceId) continue;
      const answer = options.commandsOf(meter.dialect)?.answerIn?.(message);
      if (!answer || (answer.meterId !== meter.nativeId && !meter.aliases.includes(answer.meterId))) continue;
      if (answer.requestId !== undefined && answer.requestId !== view.id) continue;
      if (answer.kind !== undefined && answer.kind !== view.kind) continue;
      view.error = answer.error ?? null;
      lanes.finish(order, answer.error === undefined ? null : "refused");
    }
  }

  return {
    send,
    hearRelay,
    hear,
    list: (meterId: string | null): api.Command[] =>
      [...orders.values()]
        .filter(({ view }) => meterId === null || view.meterId === meterId)
        .map(({ view }) => ({ ...view }))
        .reverse(),
    get(id: string): api.Command | undefined {
      const order = orders.get(id);
      return order && { ...order.view };
    },
    /** Ends what is under way; nothing is sent any more. */
    stop: lanes.stop,
  };
}

interface About {
  id: string;
  meter: Meter;
  channel: Channel | null;
  asked: Asked;
  kind: Asked["kind"];
  by: Asker;
  nowMs: number;
}

function viewOf({ id, meter, channel, asked, kind, by, nowMs }: About): api.Command {
  return {
    ...{ id, meterId: meter.id, channelId: channel?.id ?? null, kind, by: by.actor, requestedMs: nowMs },
    on: asked.kind === "switch" ? asked.on : null,
    values: asked.kind === "config" || asked.kind === "calibrate" ? { ...asked.values } : null,
    ...{ state: "waiting", failure: null, error: null, sentMs: null, endedMs: null, sends: 0 },
  };
}
