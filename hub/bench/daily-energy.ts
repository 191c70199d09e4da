/** A recording's energy by channel and local day, from the wide CSV alone and with no code of the hub, beside the hub's. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

/** One channel's energy on one local day; import is positive. */
export interface FileDay {
  channel: string;
  /** The local date, as 2026-02-06. */
  day: string;
  lengthMs: number;
  readings: number;
  /** Each value times the time to the channel's next one, and nothing across a silence. */
  heldWh: number;
  /** The time that `heldWh` covers. */
  heldMs: number;
  /** Each value times the usual spacing. */
  plainWh: number;
}

export interface FileEnergy {
  channels: string[];
  days: FileDay[];
  firstMs: number;
  lastMs: number;
  /** The median distance between rows. */
  spacingMs: number;
}

/** What the hub says of one channel on one local day. */
export interface HubDay {
  wh: number;
  readings: number;
}

/** The recording cannot be compared; the message is a sentence. */
export class FileError extends Error {}

interface PowerValue {
  timeMs: number;
  powerW: number;
}

/** The local date of an instant. */
type DayOf = (timeMs: number) => string;

const hourMs = 3_600_000;
/** A longer silence counts nothing. */
const longestHoldMs = 600_000;
const mostDifferencePercent = 0.1;
/** The plain sum is a fair measure of a whole day of which no more rows than these are missing. */
const mostMissingRows = 2;
/** Below this an energy is none. */
const leastWh = 0.001;

/** Reads the whole recording, plain or .gz; throws FileError. */
export function readFileEnergy(file: string, timeZone: string): FileEnergy {
  const dayOf = createDayOf(timeZone);
  const [header = "", ...lines] = readText(file).split("\n").filter(Boolean);
  const names = cellsOf(header);
  const tsColumn = names.indexOf("ts");
  const channels = powerChannels(names);
  if (tsColumn === -1) throw new FileError(`${file} has no column "ts", so it is no wide CSV.`);
  if (channels.length === 0) {
    throw new FileError(`${file} has no power column such as mains.W, so there is no energy to compare.`);
  }
  const rows = lines
    .map(cellsOf)
    .filter((cells) => isWhole(cells, names.length, tsColumn))
    .map((cells) => ({ timeMs: Math.round(Number(cells[tsColumn]) * 1000), cells }))
    .sort((a, b) => a.timeMs - b.timeMs);
  const timesMs = rows.map((row) => row.timeMs);
  const [firstMs, lastMs] = [timesMs[0], timesMs.at(-1)];
  if (firstMs === undefined || lastMs === undefined) throw new FileError(`${file} has no row that can be read.`);
  const spacingMs = usualSpacing(timesMs);
  const days = channels.flatMap((channel) => {
    const column = names.indexOf(`${channel}.W`);
    const values = rows
      .filter(({ cells }) => !isEmpty(cells[column]))
      .map(({ timeMs, cells }) => ({ timeMs, powerW: Number(cells[column]) }))
      // Of several values of one time the first counts.
      .filter((value, index, all) => value.timeMs !== all[index - 1]?.timeMs);
    return energyByDay(channel, values, spacingMs, dayOf);
  });
  return { channels, days, firstMs, lastMs, spacingMs };
}

/** Instants to local dates; throws FileError for a zone that does not exist. */
export function createDayOf(timeZone: string): DayOf {
  try {
    // Sweden writes dates as ISO 8601 does.
    const format = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short" });
    return (timeMs) => format.format(timeMs);
  } catch {
    throw new FileError(`There is no time zone "${timeZone}"; give one such as Asia/Bangkok.`);
  }
}

function readText(file: string): string {
  try {
    const bytes = readFileSync(file);
    return (file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
  } catch (error) {
    throw new FileError(`${file} cannot be read: ${(error as Error).message}.`);
  }
}

/** Channels with power but no register, which the hub would believe more. */
function powerChannels(names: readonly string[]): string[] {
  const isRegister = (channel: string) =>
    names.includes(`${channel}.kWh_total`) || names.includes(`${channel}.Wh_total`);
  return names.flatMap((name) => (name.endsWith(".W") ? [name.slice(0, -2)] : [])).filter((name) => !isRegister(name));
}

function cellsOf(line: string): string[] {
  return line.split(",").map((cell) => cell.trim().replace(/^"(.*)"$/, "$1"));
}

function isEmpty(cell: string | undefined): boolean {
  return cell === undefined || cell === "" || cell.toLowerCase() === "nan";
}

/** A row counts when it has all cells, a time, and numbers in them. */
function isWhole(cells: readonly string[], width: number, tsColumn: number): boolean {
  if (cells.length !== width || isEmpty(cells[tsColumn])) return false;
  return cells.every((cell) => isEmpty(cell) || Number.isFinite(Number(cell)));
}

function usualSpacing(timesMs: readonly number[]): number {
  const spacings = timesMs.slice(1).map((timeMs, index) => timeMs - timesMs[index]!);
  return spacings.sort((a, b) => a - b)[Math.floor(spacings.length / 2)] ?? 0;
}

function energyByDay(channel: string, values: readonly PowerValue[], spacingMs: number, dayOf: DayOf): FileDay[] {
  const days = new Map<string, FileDay>();
  const at = (timeMs: number): FileDay => {
    const day = dayOf(timeMs);
    const known = days.get(day);
    if (known) return known;
    const empty = { readings: 0, heldWh: 0, heldMs: 0, plainWh: 0 };
    const found = { channel, day, lengthMs: lengthOfDay(timeMs, dayOf), ...empty };
    days.set(day, found);
    return found;
  };
  values.forEach(({ timeMs, powerW }, index) => {
    const today = at(timeMs);
    today.readings += 1;
    today.plainWh += (powerW * spacingMs) / hourMs;
    const nextMs = values[index + 1]?.timeMs;
    if (nextMs === undefined || nextMs - timeMs > longestHoldMs) return;
    const midnightMs = firstInstant(timeMs, nextMs, (instantMs) => dayOf(instantMs) > today.day);
    addHeld(today, powerW, midnightMs - timeMs);
    if (midnightMs < nextMs) addHeld(at(nextMs), powerW, nextMs - midnightMs);
  });
  return [...days.values()];
}

function addHeld(day: FileDay, powerW: number, heldMs: number): void {
  day.heldMs += heldMs;
  day.heldWh += (powerW * heldMs) / hourMs;
}

/** The length of the local day that holds an instant; none has more than 26 hours. */
function lengthOfDay(timeMs: number, dayOf: DayOf): number {
  const day = dayOf(timeMs);
  const startMs = firstInstant(timeMs - 26 * hourMs, timeMs, (instantMs) => dayOf(instantMs) >= day);
  return firstInstant(timeMs, timeMs + 26 * hourMs, (instantMs) => dayOf(instantMs) > day) - startMs;
}

/** The first millisecond after `afterMs` from which on `holds` is true, `untilMs` when it is not before. */
function firstInstant(afterMs: number, untilMs: number, holds: (instantMs: number) => boolean): number {
  if (!holds(untilMs)) return untilMs;
  let [low, high] = [afterMs, untilMs];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}

export function dayKey(channel: string, day: string): string {
  return `${channel} ${day}`;
}

/** Prints a line for each channel and day; true when the hub's readings and energies are those of the file. */
export function compare({ days, spacingMs }: FileEnergy, hubDays: ReadonlyMap<string, HubDay>): boolean {
  const known = new Set(days.map(({ channel, day }) => dayKey(channel, day)));
  const unknown = [...hubDays.keys()].filter((key) => !known.has(key));
  const rows = days.map((day) => compareDay(day, hubDays.get(dayKey(day.channel, day.day)), spacingMs));
  console.log(lineOf(["channel", "day", "readings", "in hub", "file Wh", "hub Wh", "diff %", "plain Wh", "diff %"]));
  for (const { shown } of rows) console.log(lineOf(shown));
  if (unknown.length > 0) console.log(`Only the hub has energy on these days: ${unknown.join(", ")}.`);
  const wrong = rows.filter(({ isRight }) => !isRight).length + unknown.length;
  const covered = rows.filter(({ isCovered }) => isCovered).length;
  console.log(
    wrong > 0
      ? `${wrong} of ${rows.length} days differ in readings, or by more than ${mostDifferencePercent} %.`
      : `All ${rows.length} days agree within ${mostDifferencePercent} %; ${covered} of them are whole, and agree with the plain sum too.`,
  );
  return wrong === 0;
}

function compareDay(file: FileDay, hub: HubDay = { wh: 0, readings: 0 }, spacingMs: number) {
  const held = differencePercent(hub.wh, file.heldWh);
  const plain = differencePercent(hub.wh, file.plainWh);
  const missingMs = [file.readings * spacingMs, file.heldMs].map((coveredMs) => Math.abs(file.lengthMs - coveredMs));
  const isCovered = Math.max(...missingMs) <= mostMissingRows * spacingMs;
  const isNear = Math.max(Math.abs(held), isCovered ? Math.abs(plain) : 0) <= mostDifferencePercent;
  const energies = [file.heldWh.toFixed(3), hub.wh.toFixed(3), held.toFixed(4), file.plainWh.toFixed(3)];
  const shown = [file.channel, file.day, `${file.readings}`, `${hub.readings}`, ...energies];
  shown.push(isCovered ? plain.toFixed(4) : "partial");
  return { isCovered, isRight: isNear && hub.readings === file.readings, shown };
}

function differencePercent(hubWh: number, fileWh: number): number {
  const differenceWh = hubWh - fileWh;
  return Math.abs(differenceWh) < leastWh ? 0 : (100 * differenceWh) / Math.max(leastWh, Math.abs(fileWh));
}

function lineOf(cells: readonly string[]): string {
  return cells.map((cell, column) => (column === 0 ? cell.padEnd(16) : cell.padStart(10))).join(" ");
}
