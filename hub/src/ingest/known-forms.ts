/**
 * Messages of a form seen before. The first of a form takes the long way, and shows which series its numbers go to; those
 * after it are read by a plan (see device-drivers/src/plan.ts), straight from their bytes, and change nothing but readings.
 * Whatever is not exactly so (a value out of range, a clock gone wrong, a relay that switched) takes the long way too.
 */
import {
  createPlan,
  type DecodePlan,
  type Driver,
  type MeterMessage,
  type PlanValues,
  type RawMessage,
} from "@faiban/device-drivers";
import type { Channel, Meter, Series } from "../model.ts";
import { rangeOf } from "./validate.ts";

/** A plan, and where in the home its numbers belong. */
export interface KnownForm {
  readonly plan: DecodePlan;
  readonly meter: Meter;
  /** The channel and series of each of the plan's readings. */
  readonly places: readonly { channel: Channel; series: Series; least: number; most: number }[];
  /** The same series by channel. */
  readonly byChannel: readonly { channel: Channel; series: Series[] }[];
  /** Relay states that messages of this form tell. */
  readonly relays: readonly { channel: Channel; isOn: boolean }[];
}

/** What the long way has found out about a message, for those like it. */
export interface Found {
  driver: Driver;
  message: RawMessage;
  about: MeterMessage;
  meter: Meter;
  places: readonly { channel: Channel; series: Series }[];
  relays: KnownForm["relays"];
}

/** The form of a message that was taken whole; null when its readings are not all the plan's. */
export function learnForm({ driver, message, about, meter, places, relays }: Found): KnownForm | null {
  if (places.length !== about.readings.length) return null; // sums were added
  if (about.availability === "offline") return null;
  const plan = createPlan(driver, message);
  if (!plan || plan.about.readings.length !== places.length) return null;
  const byChannel = Map.groupBy(places, ({ channel }) => channel);
  return {
    plan,
    meter,
    places: places.map(({ channel, series }) => {
      const [least, most] = rangeOf(series.quantity);
      return { channel, series, least, most };
    }),
    byChannel: [...byChannel].map(([channel, list]) => ({ channel, series: list.map(({ series }) => series) })),
    relays,
  };
}

/** Whether the message is of the form and may take the short way; then its values are in `into`. */
export function readKnown(form: KnownForm, payload: Uint8Array, into: PlanValues): boolean {
  const { plan, meter, places, relays } = form;
  if (!plan.read(payload, into)) return false;
  for (let index = 0; index < places.length; index++) {
    const value = into.values[index]!;
    const { least, most } = places[index]!;
    if (!(value >= least && value <= most)) return false;
  }
  if (meter.availability !== "online" || !saysTheSame(plan.about, meter)) return false;
  for (const { channel, isOn } of relays) if (channel.relay !== isOn) return false;
  return true;
}

/** What the message says of the meter itself is what is known already. */
function saysTheSame({ name, model, firmware, mac }: MeterMessage, meter: Meter): boolean {
  return (
    (name === undefined || name === meter.name || meter.isNamedByUser) &&
    (model === undefined || model === meter.model) &&
    (firmware === undefined || firmware === meter.firmware) &&
    (mac === undefined || mac === meter.mac)
  );
}
