/** The book of tariffs: all files together, checked, with what each tariff refers to found. */
import { Compile } from "typebox/compile";
import { isTimeZone } from "../energy/calendar.ts";
import { BillingError } from "./errors.ts";
import { type Adjustment, type HolidayCalendar, type Label, type Tariff, TariffFile } from "./tariff.ts";

export interface TariffBook {
  tariffs: ReadonlyMap<string, BookTariff>;
  labels: Readonly<Record<string, Label>>;
}

/** A tariff with the adjustments and holidays that it names. */
export interface BookTariff extends Tariff {
  adjustmentSeries: Readonly<Record<string, Adjustment>>;
  holidayCalendar: HolidayCalendar | null;
}

const check = Compile(TariffFile);

/** The book that these files make; throws a BillingError that names the file and the place of a mistake. */
export function readBook(files: readonly { name: string; content: unknown }[]): TariffBook {
  const parts = files.map(({ name, content }) => checked(name, content));
  const adjustments: Record<string, Adjustment> = Object.assign({}, ...parts.map((part) => part.adjustments));
  const holidays: Record<string, HolidayCalendar> = Object.assign({}, ...parts.map((part) => part.holidays));
  const tariffs = new Map<string, BookTariff>();
  for (const tariff of parts.flatMap((part) => part.tariffs ?? [])) {
    if (tariffs.has(tariff.id)) throw mistake(`There are two tariffs ${tariff.id}`);
    tariffs.set(tariff.id, resolve(tariff, { adjustments, holidays }));
  }
  return { tariffs, labels: Object.assign({}, ...parts.map((part) => part.labels)) };
}

/** The tariff with the id; throws a BillingError with the ids there are. */
export function findTariff(book: TariffBook, id: string): BookTariff {
  const found = book.tariffs.get(id);
  if (found) return found;
  throw new BillingError(
    `There is no plan ${JSON.stringify(id)}`,
    `The plans are ${[...book.tariffs.keys()].join(", ")}`,
  );
}

function checked(name: string, content: unknown): TariffFile {
  if (check.Check(content)) return content;
  const [first] = check.Errors(content);
  const place = first?.instancePath || "/";
  throw mistake(`${name} is no tariff file: ${place} ${first?.message ?? "is wrong"}`);
}

function resolve(
  tariff: Tariff,
  book: { adjustments: Record<string, Adjustment>; holidays: Record<string, HolidayCalendar> },
): BookTariff {
  checkVersions(tariff);
  const named = [...new Set(tariff.versions.flatMap((version) => version.adjustments ?? []))];
  const series = named.map((id): [string, Adjustment] => {
    const found = book.adjustments[id];
    if (!found) throw mistake(`${tariff.id} names adjustments ${id}, which no file has`);
    checkOrder(id, found.values);
    return [id, found];
  });
  const holidayId = tariff.schedule?.holidays;
  const holidayCalendar = holidayId === undefined ? null : book.holidays[holidayId];
  if (holidayCalendar === undefined) throw mistake(`${tariff.id} names holidays ${holidayId}, which no file has`);
  return { ...tariff, adjustmentSeries: Object.fromEntries(series), holidayCalendar };
}

function checkVersions(tariff: Tariff): void {
  for (const zone of [tariff.timeZone, tariff.schedule?.clock ?? tariff.timeZone]) {
    if (!isTimeZone(zone)) throw mistake(`${tariff.id}: there is no time zone ${zone}`);
  }
  checkOrder(tariff.id, tariff.versions);
  const periods = periodsOf(tariff);
  for (const version of tariff.versions) {
    const place = `${tariff.id} from ${version.from}`;
    checkKeys(place, version);
    const priced = Object.keys(version.energy);
    const missing = priced.includes("all") ? [] : periods.filter((period) => !priced.includes(period));
    if (missing.length > 0) throw mistake(`${place} has no price of ${missing.join(", ")}`);
    for (const price of Object.values(version.energy)) {
      if (typeof price === "object" && "tiers" in price) checkTiers(place, price.tiers);
    }
    for (const step of version.steps ?? []) {
      const kinds = [step.percent, step.perKwh, step.amount, step.minimum].filter((value) => value !== undefined);
      if (kinds.length !== 1) throw mistake(`${place}: ${step.key} needs one of percent, perKwh, amount, minimum`);
    }
  }
}

function checkTiers(place: string, tiers: readonly { upToKwh: string | null }[]): void {
  const limits = tiers.map(({ upToKwh }) => (upToKwh === null ? Number.POSITIVE_INFINITY : Number(upToKwh)));
  const isRising = limits.every((limit, index) => index === 0 || limit > (limits[index - 1] as number));
  if (!isRising || limits.at(-1) !== Number.POSITIVE_INFINITY) {
    throw mistake(`${place}: tiers must rise, and the last ends at null`);
  }
}

function checkOrder(place: string, dated: readonly { from: string }[]): void {
  const isRising = dated.every(({ from }, index) => index === 0 || from > (dated[index - 1]?.from ?? ""));
  if (!isRising) throw mistake(`${place}: dates must rise`);
}

/** Names of kinds of lines, which steps and sums may ask for: none of them is the key of a line of another kind. */
const reservedKeys = ["energy", "fixed", "adjustment", "charge", "tax", "rounding"];

function checkKeys(place: string, version: Tariff["versions"][number]): void {
  const lines = [...(version.fixed ?? []), ...(version.demand ?? []), ...(version.steps ?? [])];
  const reserved = lines.find(({ key }) => reservedKeys.includes(key));
  if (reserved) throw mistake(`${place}: a line cannot have the key ${reserved.key}`);
}

/** The times of use of a tariff, in the order of its rules; `all` alone without a schedule. */
export function periodsOf({ schedule }: Pick<Tariff, "schedule">): string[] {
  if (!schedule) return ["all"];
  return [...new Set([...schedule.rules.map((rule) => rule.period), schedule.otherwise])];
}

function mistake(message: string): BillingError {
  return new BillingError(message, "Compare the file with hub/tariffs/README.md");
}
