/** What a reader of a bill should know: numbers that are not confirmed, and measurements that are missing. */
import type { BookTariff } from "./book.ts";
import { type Cycle, dayFrom } from "./cycle.ts";
import type { BillLine } from "./ledger.ts";
import type { Part } from "./parts.ts";
import type { Metered, Usage } from "./usage.ts";

/** A remark on a bill; `key` names its text, `about` is the key of a line or a year. */
export type BillNote =
  | { key: "unconfirmed"; about: string }
  | { key: "holidays_unknown"; about: string }
  | { key: "energy_missing"; quarters: number }
  | { key: "prices_missing"; quarters: number }
  | { key: "use_spread_by_days" };

export function notesOf({
  tariff,
  cycle,
  parts,
  metered,
  usage,
  lines,
}: {
  tariff: BookTariff;
  cycle: Cycle;
  parts: readonly Part[];
  metered: readonly Metered[];
  usage: Usage;
  lines: readonly BillLine[];
}): BillNote[] {
  const count = (column: "missingQuarters" | "unpricedQuarters") =>
    metered.reduce((sum, one) => sum + Math.max(one[column], 0), 0);
  const [missing, unpriced] = [count("missingQuarters"), count("unpricedQuarters")];
  const notes: BillNote[] = [];
  for (const about of unconfirmed(parts, lines)) notes.push({ key: "unconfirmed", about });
  for (const about of unknownYears(tariff, cycle, usage)) notes.push({ key: "holidays_unknown", about });
  if (missing > 0) notes.push({ key: "energy_missing", quarters: missing });
  if (unpriced > 0) notes.push({ key: "prices_missing", quarters: unpriced });
  if ("totals" in usage && parts.length > 1) notes.push({ key: "use_spread_by_days" });
  return notes;
}

/** The keys of lines whose rate is recalled or goes on beyond the time it was published for. */
function unconfirmed(parts: readonly Part[], lines: readonly BillLine[]): Set<string> {
  const adjustments = parts.flatMap((part) => part.adjustments).filter((one) => !one.isConfirmed);
  const steps = parts.flatMap((part) => part.version.steps ?? []).filter((step) => step.confidence === "C");
  const keys = [...adjustments, ...steps].map(({ key }) => key);
  if (parts.some((part) => part.version.export?.confidence === "C")) keys.push("export");
  return new Set(keys.filter((key) => lines.some((line) => line.key === key)));
}

/** The years of the cycle whose holidays the calendar does not know; totals are already split by the meter. */
function unknownYears({ holidayCalendar }: BookTariff, { start, end }: Cycle, usage: Usage): string[] {
  if (!holidayCalendar || "totals" in usage) return [];
  const years = [...new Set([start.slice(0, 4), dayFrom(end, -1).slice(0, 4)])];
  return years.filter((year) => Number(year) < holidayCalendar.fromYear || Number(year) > holidayCalendar.toYear);
}
