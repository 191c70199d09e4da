/**
 * What meters sent to a hub, what the hub acknowledged of it, and what its history must therefore say. The hub's own
 * `rollUp` makes the expected energies, from the readings as the hub gives them back: those are checked one by one
 * against what was sent.
 */
import type { History } from "../../src/api/contract.ts";
import type { Calendar } from "../../src/energy/calendar.ts";
import { type Readings, readingsFrom, type TimedValue } from "../../src/energy/readings.ts";
import { type EnergyKind, type EnergyRule, emptyRollup, type Level, noCut, rollUp } from "../../src/energy/rollup.ts";

/** What was sent of one quantity of one meter. */
export interface SentSeries {
  /** Channel id, such as customer-plug/main. */
  channel: string;
  quantity: "power_active" | "energy_active";
  kind: EnergyKind;
  /** Readings with the meter's own time, by it; epoch milliseconds. */
  byTime: Map<number, number>;
  /** Values of readings that are stamped on arrival; each is sent once, and tells the reading from all others. */
  byArrival: Set<number>;
  /** Times, or values, of those that the hub acknowledged, or took before one that it acknowledged. */
  acknowledged: Set<number>;
}

/** What was found wrong with a series, as counts and a few examples. */
export interface Findings {
  acknowledged: number;
  stored: number;
  /** Acknowledged and not there. */
  lost: number;
  /** There more than once, or counted more than once. */
  doubled: number;
  /** There, though nobody sent it, or with another value. */
  invented: number;
  /** Rollups that differ from those made of the readings. */
  wrongRollups: string[];
}

/** Where a model asks: the API of a running hub. */
export interface Hub {
  get<T>(address: string): Promise<T>;
}

export type Model = ReturnType<typeof createModel>;

/** Rollup blocks keep four or six decimal digits of a Wh, and round with each seal. */
const toleranceWh = 2e-3;
const steps: readonly { step: string; level: Level }[] = [
  { step: "minute", level: "minute" },
  { step: "quarter_hour", level: "quarter" },
  { step: "day", level: "day" },
];
const examples = 5;

/** A model of what is sent to one hub. */
export function createModel(calendar: Calendar) {
  const all = new Map<string, SentSeries>();

  function series(channel: string, quantity: SentSeries["quantity"], kind: EnergyKind): SentSeries {
    const key = `${channel} ${quantity}`;
    const known = all.get(key);
    if (known) return known;
    const made: SentSeries = {
      ...{ channel, quantity, kind },
      ...{ byTime: new Map(), byArrival: new Set(), acknowledged: new Set() },
    };
    all.set(key, made);
    return made;
  }

  /** Compares what a hub says of a range with what it was sent; epoch milliseconds. */
  async function compare(hub: Hub, fromMs: number, toMs: number): Promise<Findings> {
    const total: Findings = { acknowledged: 0, stored: 0, lost: 0, doubled: 0, invented: 0, wrongRollups: [] };
    for (const [channel, ofChannel] of Map.groupBy(all.values(), (one) => one.channel)) {
      const stored = new Map<SentSeries, TimedValue[]>();
      for (const one of ofChannel) {
        const readings = await rawReadings(hub, one, fromMs, toMs);
        stored.set(one, readings);
        addFindings(total, one, readings, fromMs, toMs);
      }
      for (const { step, level } of steps) {
        const expected = expectedRows(stored, level, calendar);
        const wrong = differences(expected, await historyRows(hub, channel, step, fromMs, toMs));
        total.doubled += wrong.filter((text) => text.includes("count: more")).length;
        total.wrongRollups.push(...wrong.slice(0, examples).map((text) => `${channel} ${step} ${text}`));
      }
    }
    return total;
  }

  return { series, compare };
}

/** What a hub has of a series in a range, in order of time. */
export async function rawReadings(
  hub: Hub,
  { channel, quantity }: Pick<SentSeries, "channel" | "quantity">,
  fromMs: number,
  toMs: number,
): Promise<TimedValue[]> {
  const address = `/api/history?channel=${channel}&quantity=${quantity}&step=raw&from=${fromMs}&to=${toMs}`;
  try {
    const { timeMs, mean } = await hub.get<History>(address);
    return timeMs.map((time, index) => ({ timeMs: time, value: mean![index]! }));
  } catch (error) {
    if (String(error).includes("NOT_FOUND")) return []; // nothing of the meter got through
    if (!String(error).includes("TOO_MANY_POINTS")) throw error;
    const middleMs = Math.floor((fromMs + toMs) / 2);
    const first = await rawReadings(hub, { channel, quantity }, fromMs, middleMs);
    return [...first, ...(await rawReadings(hub, { channel, quantity }, middleMs, toMs))];
  }
}

function addFindings(into: Findings, sent: SentSeries, stored: TimedValue[], fromMs: number, toMs: number): void {
  const times = new Set(stored.map(({ timeMs }) => timeMs));
  const values = new Set(stored.map(({ value }) => value));
  const isByTime = sent.byTime.size > 0;
  into.stored += stored.length;
  into.doubled += stored.length - (isByTime ? times : values).size;
  for (const key of sent.acknowledged) {
    if (isByTime && (key < fromMs || key >= toMs)) continue;
    into.acknowledged++;
    if (!(isByTime ? times : values).has(key)) into.lost++;
  }
  for (const { timeMs, value } of stored) {
    const isSent = isByTime ? sent.byTime.get(timeMs) === value : sent.byArrival.has(value);
    if (!isSent) into.invented++;
  }
}

/** A row of history; what it lacks is zero or null. */
export interface Row {
  count: number;
  min: number | null;
  max: number | null;
  importWh: number;
  exportWh: number;
}

function emptyRow(): Row {
  const { count, min, max, importWh, exportWh } = emptyRollup();
  return { count, min, max, importWh, exportWh };
}

/** The rows that a channel's history must have: values of its power, energies of all its series. */
export function expectedRows(
  stored: ReadonlyMap<Pick<SentSeries, "kind">, TimedValue[]>,
  level: Level,
  calendar: Calendar,
): Map<number, Row> {
  const rows = new Map<number, Row>();
  const registers = [...stored].filter(([{ kind }]) => kind.endsWith("_register")).flatMap(([, list]) => list);
  for (const [{ kind }, list] of stored) {
    const rule = ruleOf(kind, registers);
    for (const [startMs, rollup] of rollUp(toReadings(list), rule, calendar)[level]) {
      const row = rows.get(startMs) ?? emptyRow();
      if (kind === "power") Object.assign(row, { count: rollup.count, min: rollup.min, max: rollup.max });
      row.importWh += rollup.importWh;
      row.exportWh += rollup.exportWh;
      rows.set(startMs, row);
    }
  }
  return rows;
}

/** A register takes over from power at the first of two readings. */
function ruleOf(kind: EnergyKind, registers: readonly TimedValue[]): EnergyRule {
  const firstMs = registers.reduce((least, { timeMs }) => Math.min(least, timeMs), Number.POSITIVE_INFINITY);
  const isCut = kind === "power" && registers.length > 1;
  return { kind, resets: null, cut: isCut ? { ...noCut, importUntilMs: firstMs } : noCut };
}

function toReadings(list: readonly TimedValue[]): Readings {
  return readingsFrom([...list].sort((a, b) => a.timeMs - b.timeMs));
}

/** The rows of a channel's power and energy that a hub has. */
export async function historyRows(
  hub: Hub,
  channel: string,
  step: string,
  fromMs: number,
  toMs: number,
): Promise<Map<number, Row>> {
  const rows = new Map<number, Row>();
  // Shorter than any answer may be: four days of minutes.
  const partMs = 4 * 86_400_000;
  for (let startMs = fromMs; startMs < toMs; startMs += partMs) {
    const endMs = Math.min(toMs, startMs + partMs);
    const address = `/api/history?channel=${channel}&step=${step}&from=${startMs}&to=${endMs}`;
    const history = await hub.get<History>(address).catch((error: unknown) => {
      if (String(error).includes("NOT_FOUND")) return null;
      throw error;
    });
    history?.timeMs.forEach((timeMs, index) => {
      const at = <T>(column: T[] | undefined) => column![index]!;
      rows.set(timeMs, {
        ...{ count: at(history.count), min: at(history.min), max: at(history.max) },
        ...{ importWh: at(history.importWh), exportWh: at(history.exportWh) },
      });
    });
  }
  return rows;
}

/** What differs between expected and found rows, as texts. */
export function differences(expected: ReadonlyMap<number, Row>, found: ReadonlyMap<number, Row>): string[] {
  const texts: string[] = [];
  for (const startMs of new Set([...expected.keys(), ...found.keys()])) {
    const should = expected.get(startMs) ?? emptyRow();
    const is = found.get(startMs) ?? emptyRow();
    const shown = () => `${new Date(startMs).toISOString()} ${JSON.stringify(is)} instead of ${JSON.stringify(should)}`;
    const isSameEnergy =
      Math.abs(should.importWh - is.importWh) <= toleranceWh && Math.abs(should.exportWh - is.exportWh) <= toleranceWh;
    if (is.count !== should.count) texts.push(`${is.count > should.count ? "count: more" : "count: less"} ${shown()}`);
    else if (is.min !== should.min || is.max !== should.max) texts.push(`bounds ${shown()}`);
    else if (!isSameEnergy) texts.push(`energy ${shown()}`);
  }
  return texts;
}

/** The start of the UTC day so many days ago, epoch milliseconds: the hub keeps raw readings of the last 90 days. */
export function daysAgo(days: number): number {
  const dayMs = 86_400_000;
  return Math.floor(Date.now() / dayMs - days) * dayMs;
}
