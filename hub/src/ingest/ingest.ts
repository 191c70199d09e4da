/**
 * One message, top to bottom: decode, validate, enrich, then the live view and the store.
 * Bad data is a value, not an exception: it is counted, kept for viewing, and acknowledged like any other.
 */
import {
  createDefinitions,
  createMessage,
  type Decoded,
  type DefinitionStore,
  type Definitions,
  type Driver,
  type MeterMessage,
  type MeterTime,
  type Phase,
  type PlanValues,
  type RawMessage,
  type Reading,
} from "@faiban/device-drivers";
import { type Channel, type Meter, type Rejection, type Series, seriesName } from "../model.ts";
import { type Found, type KnownForm, learnForm, readKnown } from "./known-forms.ts";
import { addSums, hasPartsAlone, type KnownPhases } from "./phases.ts";
import type { Registry } from "./registry.ts";
import { createRejections, createUnknownTopics, shownPayload } from "./rejects.ts";
import { distinctTime, type ReadingTime, readingTime } from "./time.ts";
import { createUnmeasured, isUnmeasured } from "./unmeasured.ts";
import { whyImpossible } from "./validate.ts";

/** A message as the broker hands it over. */
export interface Arrival {
  topic: string;
  payload: Uint8Array;
  retain: boolean;
  /** A broker had kept it from before: what was measured at no time of the meter's own says nothing of now. */
  isKept?: boolean;
  /** The device that sent it; null for a client that is none. */
  deviceId: string | null;
}

/** What ingest needs of the rest of the hub. */
export interface IngestOptions {
  drivers: readonly Driver[];
  registry: Registry;
  /** Where what messages say of other topics survives a restart. */
  definitions: DefinitionStore;
  /** Whether a device may say what messages on a topic mean: not those of another. */
  mayDescribe(deviceId: string | null, topic: string): boolean;
  nowMs(): number;
  /** False when the series has a reading of that time. */
  append(series: Series, timeMs: number, value: number): boolean;
  /** False while the hub does not know the true time: readings are held until it does. */
  isTimeKnown(): boolean;
  /** Keeps a reading until then; `isOwnTime` says that its time is the meter's, not that of the arrival. */
  hold(series: Series, timeMs: number, value: number, isOwnTime: boolean): void;
  /** A channel has new readings. */
  onReadings(meter: Meter, channel: Channel, changed: Series[], arrivalMs: number): void;
  /** A message tells a relay's state, changed or not. */
  onRelay(heard: { channel: Channel; isOn: boolean; topic: string }): void;
  /** A meter is new, or something other than its readings changed. */
  onMeter(meter: Meter): void;
}

export type Ingest = ReturnType<typeof createIngest>;

const noDriver = "no driver knows it";
const tooManyParts = "the meter has more channels or quantities than the hub takes (64 channels, 256 on each)";
const noMeasurement = "the device has not measured anything yet";
const notItsMeter = "another device speaks for this meter: remove that device, or give this one an id of its own";
const tooManyMeters = "the hub has as many meters as it takes (500): remove some that are gone";
/** Topics whose driver is remembered; more than any home has. */
const mostRoutes = 10_000;
/** Forms remembered of one topic: a meter that sends more of them is no faster for it. */
const mostForms = 4;
/** A topic's forms are looked for in its first messages, not for ever. */
const mostAttempts = 8;

/** A phase that was reported this long ago is no part of a sum any more. */
const freshMs = 5 * 60_000;
/** The largest message that a form is remembered of; the largest meters send about a hundred readings. */
const mostPlanned = 256;

interface Sent {
  arrivalMs: number;
  /** The device that sent it; null for a client that is none. */
  deviceId: string | null;
}

type Times = ReadingTime & { arrivalMs: number };

interface Place {
  channel: Channel;
  series: Series;
}

/** What is remembered of a topic. */
interface Route {
  driver: Driver;
  meter: Meter | null;
  forms: KnownForm[];
  /** Messages that were tried for a new form. */
  attempts: number;
}

export function createIngest(options: IngestOptions) {
  const rejections = createRejections();
  const unknownTopics = createUnknownTopics();
  const definitions = createDefinitions(options.definitions);
  const unmeasured = createUnmeasured();
  /** Series without a phase that their meters report themselves. */
  const ownSums = new WeakSet<Series>();
  const counts = { messages: 0, readings: 0, rejected: 0, unknown: 0, ignored: 0 };
  const routes = new Map<string, Route>();
  const known: PlanValues = {
    values: new Float64Array(mostPlanned),
    ...{ timeMs: Number.NaN, signalDbm: Number.NaN, uptimeS: Number.NaN },
  };

  /** Takes a message: stores what it says, or counts why it is not used. Throws HubError when the store refuses. */
  function accept(arrival: Arrival): void {
    const arrivalMs = options.nowMs();
    counts.messages++;
    if (takeKnown(arrival, arrivalMs)) return;
    const message = createMessage({ ...arrival, known: definitions.known });
    const { driver, decoded } = decode(message);
    if (driver && decoded && "defines" in decoded && decoded.defines) {
      learnDefinitions(driver, message, decoded.defines, arrival.deviceId);
    }
    if (!driver || !decoded) {
      counts.unknown++;
      unknownTopics.add(message, { isKnown: false, reason: noDriver }, arrivalMs);
    } else if ("rejected" in decoded) {
      reject(message, decoded.rejected, knownMeter(driver, message, decoded.meterId), arrivalMs);
    } else if ("ignored" in decoded || decoded.repeats !== undefined) {
      counts.ignored++;
      const reason = "ignored" in decoded ? decoded.ignored : (decoded.repeats ?? "");
      unknownTopics.add(message, { isKnown: true, reason }, arrivalMs);
    } else {
      const from = { arrivalMs, deviceId: arrival.deviceId };
      for (const about of decoded.meters) takeMeter(driver, message, arrival.isKept ? withoutOld(about) : about, from);
    }
  }

  /** Remembers what a message says of other topics, whose messages are looked at anew from now on. */
  function learnDefinitions(
    { dialect }: Driver,
    message: RawMessage,
    { source, list }: Definitions,
    deviceId: string | null,
  ): void {
    const own = list.map(({ topics, data }) => ({
      topics: topics.filter((topic) => options.mayDescribe(deviceId, topic)),
      data,
    }));
    const changed = definitions.learn(dialect, { source, list: own.filter(({ topics }) => topics.length > 0) });
    if ("refused" in changed) reject(message, changed.refused, null, options.nowMs());
    else for (const topic of changed) routes.delete(topic);
  }

  /** Takes a message of a form seen before; false when it must take the long way. */
  function takeKnown({ topic, payload, deviceId, isKept }: Arrival, arrivalMs: number): boolean {
    const route = routes.get(topic);
    if (!route || route.forms.length === 0 || isKept) return false;
    for (const form of route.forms) {
      if (deviceId !== null && form.meter.deviceId !== deviceId) continue; // whose it is, is decided the long way
      if (!readKnown(form, payload, known) || options.registry.meter(form.meter.id) !== form.meter) continue;
      const times = timesOf(Number.isNaN(known.timeMs) ? undefined : known, arrivalMs);
      if (times.isClockWrong) return false;
      storeKnown(form, times);
      for (const { channel, isOn } of form.relays) options.onRelay({ channel, isOn, topic });
      return true;
    }
    return false;
  }

  function timesOf(time: MeterTime | undefined, arrivalMs: number): Times {
    return { ...readingTime(time, arrivalMs, options.isTimeKnown()), arrivalMs };
  }

  function storeKnown({ meter, places, byChannel }: KnownForm, times: Times): void {
    const { arrivalMs } = times;
    meter.lastSeenMs = arrivalMs;
    if (!Number.isNaN(known.signalDbm)) meter.signalDbm = known.signalDbm;
    if (!Number.isNaN(known.uptimeS)) meter.uptimeS = known.uptimeS;
    let isNew = false;
    for (let index = 0; index < places.length; index++) {
      const { channel, series } = places[index]!;
      if (takeReading(channel, series, known.values[index]!, times)) isNew = true;
    }
    if (!isNew) return;
    for (const { channel, series } of byChannel) options.onReadings(meter, channel, series, arrivalMs);
  }

  /** Asks the driver that knew this topic before, then each in turn. */
  function decode(message: RawMessage): { driver?: Driver; decoded?: Decoded } {
    const route = routes.get(message.topic);
    const decoded = route?.driver.decode(message);
    if (route && decoded) return { driver: route.driver, decoded };
    for (const driver of options.drivers) {
      if (driver === route?.driver) continue;
      const found = driver.decode(message);
      if (!found) continue;
      if (routes.size >= mostRoutes) routes.clear();
      routes.set(message.topic, { driver, meter: null, forms: [], attempts: 0 });
      return { driver, decoded: found };
    }
    return {};
  }

  function takeMeter(driver: Driver, message: RawMessage, about: MeterMessage, sent: Sent): void {
    const { dialect } = driver;
    if (driver.isForAnything && isUnmeasured(about) && !options.registry.knows(dialect, about)) {
      unmeasured.keep(dialect, about);
      counts.ignored++;
      unknownTopics.add(message, { isKnown: true, reason: noMeasurement }, sent.arrivalMs);
      return;
    }
    const before = unmeasured.take(dialect, about);
    if (before) storeMeter(driver, message, before, sent);
    storeMeter(driver, message, about, sent);
  }

  function storeMeter(driver: Driver, message: RawMessage, about: MeterMessage, { arrivalMs, deviceId }: Sent): void {
    const found = options.registry.meterFor(driver.dialect, about, { timeMs: arrivalMs, deviceId });
    if (found === "full" || found === "foreign") {
      reject(message, found === "full" ? tooManyMeters : notItsMeter, null, arrivalMs);
      return;
    }
    const { meter, isNew } = found;
    const route = routes.get(message.topic);
    if (route) route.meter = meter;
    for (const problem of about.dropped ?? []) reject(message, problem, meter, arrivalMs);
    const isChanged = enrichMeter(meter, about, arrivalMs);
    const times = timesOf(about.time, arrivalMs);
    if (times.isClockWrong)
      reject(message, "the meter's clock is wrong: the time of arrival is used", meter, arrivalMs);
    const places = takeReadings(message, meter, about, times);
    const hasRelays = takeRelays(message.topic, meter, about);
    if (route && places && !about.dropped) learn(route, { driver, message, about, meter, places });
    if (isNew || isChanged || hasRelays) {
      options.registry.saveMeter(meter);
      options.onMeter(meter);
    }
  }

  /** Remembers the form of a message that was taken whole. */
  function learn(route: Route, found: Omit<Found, "relays">): void {
    if (route.forms.length >= mostForms || route.attempts >= mostAttempts) return;
    if (found.places.length === 0 || found.places.length > mostPlanned || hasPartsAlone(found.about.readings)) return;
    route.attempts++;
    const relays = Object.entries(found.about.relays ?? {}).flatMap(([key, isOn]) => {
      const channel = relayChannel(found.meter, key, found.about);
      return channel ? [{ channel, isOn }] : [];
    });
    route.forms = route.forms.filter((form) => form.meter === found.meter);
    const form = learnForm({ ...found, relays });
    if (form) route.forms.push(form);
  }

  /** Stores what can be stored; the places of all readings when all could, else null. */
  function takeReadings(message: RawMessage, meter: Meter, about: MeterMessage, times: Times): Place[] | null {
    const changed = new Map<Channel, Series[]>();
    const places: Place[] = [];
    const readings = addSums(about.readings, (sum) => knownPhases(meter, sum, times.arrivalMs));
    for (const reading of readings) {
      const place = placeOf(meter, about, reading);
      const problem = whyImpossible(reading) ?? (place ? null : tooManyParts);
      if (problem || !place) {
        reject(message, problem ?? tooManyParts, meter, times.arrivalMs);
        continue;
      }
      places.push(place);
      if (reading.phase === undefined && about.readings.includes(reading)) ownSums.add(place.series);
      if (!takeReading(place.channel, place.series, reading.value, times)) continue;
      const list = changed.get(place.channel);
      if (list) list.push(place.series);
      else changed.set(place.channel, [place.series]);
    }
    for (const [channel, list] of changed) options.onReadings(meter, channel, list, times.arrivalMs);
    return places.length === readings.length ? places : null;
  }

  /** The phases that the meter has reported of a sum; null when it reports the sum itself. */
  function knownPhases(meter: Meter, sum: Reading, arrivalMs: number): KnownPhases | null {
    const name = seriesName(sum);
    const phases = new Map<Phase, number | null>();
    for (const one of meter.channels.get(sum.channel ?? "")?.series.values() ?? []) {
      const isSame = one.quantity === name.quantity && one.direction === name.direction && one.period === name.period;
      if (!isSame) continue;
      if (one.phase === null && ownSums.has(one)) return null;
      const isFresh = one.latest !== null && arrivalMs - one.latest.timeMs <= freshMs;
      if (one.phase !== null) phases.set(one.phase, isFresh && one.latest ? one.latest.value : null);
    }
    return phases;
  }

  /** The channel and series that a reading belongs to, made when new; null when the meter has as many as it may. */
  function placeOf(meter: Meter, about: MeterMessage, reading: Reading): Place | null {
    const key = reading.channel ?? "";
    const channel = options.registry.channelFor(meter, key, about.roles?.[key]);
    const series = channel && options.registry.seriesFor(channel, reading);
    return channel && series ? { channel, series } : null;
  }

  /** Stores one reading; false when the store has it already. */
  function takeReading(channel: Channel, series: Series, value: number, times: Times): boolean {
    const timeMs = times.isOwn ? times.timeMs : distinctTime(series, times.arrivalMs);
    if (!options.isTimeKnown()) {
      options.hold(series, timeMs, value, times.isOwn);
      series.latest = { timeMs, value };
    } else if (options.append(series, timeMs, value)) options.registry.noteReading(channel, series, timeMs, value);
    else return false;
    counts.readings++;
    return true;
  }

  function takeRelays(topic: string, meter: Meter, about: MeterMessage): boolean {
    let isChanged = false;
    for (const [key, isOn] of Object.entries(about.relays ?? {})) {
      const channel = relayChannel(meter, key, about);
      if (!channel) continue;
      if (channel.relay !== isOn) {
        channel.relay = isOn;
        options.registry.saveChannel(channel);
        isChanged = true;
      }
      options.onRelay({ channel, isOn, topic });
    }
    return isChanged;
  }

  /** A meter with one input numbers its relay, "0" or "1", though not its readings: the relay belongs to that input. */
  function relayChannel(meter: Meter, key: string, about: MeterMessage): Channel | null {
    const isOnlyRelay = key === "0" || (key === "1" && meter.channels.has(""));
    const channelKey = !meter.channels.has(key) && isOnlyRelay ? "" : key;
    return options.registry.channelFor(meter, channelKey, about.roles?.[channelKey]);
  }

  function knownMeter(driver: Driver, message: RawMessage, meterId: string | undefined): Meter | null {
    const meter = routes.get(message.topic)?.meter;
    if (meter && options.registry.meter(meter.id) === meter) return meter;
    if (meterId === undefined) return null;
    return [...options.registry.meters()].find((m) => m.dialect === driver.dialect && m.nativeId === meterId) ?? null;
  }

  function reject(message: RawMessage, reason: string, meter: Meter | null, timeMs: number): void {
    counts.rejected++;
    const rejection: Rejection = { timeMs, topic: message.topic, payload: shownPayload(message), reason };
    rejections.add(rejection);
    if (!meter) return;
    meter.rejectedCount++;
    meter.lastRejection = rejection;
    options.registry.saveMeter(meter);
    options.onMeter(meter);
  }

  return {
    accept,
    counts: (): Readonly<typeof counts> => counts,
    /** What drivers of a dialect have defined about a topic. */
    known: definitions.known,
    rejections: rejections.list,
    unknownTopics: unknownTopics.list,
  };
}

/** Without what a meter measured nobody knows when. */
function withoutOld(about: MeterMessage): MeterMessage {
  return about.time && "timeMs" in about.time ? about : { ...about, readings: [] };
}

/** Takes over what the message says of the meter itself; true when something that people see has changed. */
function enrichMeter(meter: Meter, about: MeterMessage, arrivalMs: number): boolean {
  const before = `${meter.name}|${meter.model}|${meter.firmware}|${meter.mac}|${meter.availability}`;
  meter.lastSeenMs = arrivalMs;
  if (about.name !== undefined && !meter.isNamedByUser) meter.name = about.name;
  meter.model = about.model ?? meter.model;
  meter.firmware = about.firmware ?? meter.firmware;
  meter.mac = about.mac ?? meter.mac;
  meter.signalDbm = about.signalDbm ?? meter.signalDbm;
  meter.uptimeS = about.uptimeS ?? meter.uptimeS;
  // A meter that measures is there, whatever its status topic said last.
  if (about.availability) meter.availability = about.availability;
  else if (about.readings.length > 0) meter.availability = "online";
  return before !== `${meter.name}|${meter.model}|${meter.firmware}|${meter.mac}|${meter.availability}`;
}
