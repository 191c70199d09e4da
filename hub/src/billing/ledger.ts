/** The lines of a bill as they are rounded, in order. */
import type { Cycle } from "./cycle.ts";
import { type Exact, fraction, round, roundTogether, shown, sum } from "./exact.ts";
import { type Draft, draft, type LineKind } from "./lines.ts";
import type { Tariff } from "./tariff.ts";

/** One line of a bill. Numbers that are not amounts are decimal texts. */
export interface BillLine {
  /** Names the texts in both languages, see `lineLabel`. */
  key: string;
  kind: LineKind;
  quantity: string | null;
  unit: Draft["unit"];
  /** Currency per unit; null where there is none. */
  rate: string | null;
  /** Hundredths of the currency: satang, cents, pence. */
  amountSatang: number;
  /** The time of use of an energy, `all` without any; null for other lines. */
  period: string | null;
  /** The tier of an energy: more than `fromKwh` up to `toKwh`, null without an end; null without tiers. */
  tier: { fromKwh: string; toKwh: string | null } | null;
  /** The days it is for: the whole cycle, unless prices change in it. */
  span: Cycle;
}

/** Takes drafts and rounds them as the tariff says. */
export interface Ledger {
  /** Adds lines; those given at once are rounded together when the tariff rounds the energy's sum. */
  add(drafts: readonly Draft[], isEnergy?: boolean): void;
  /** The lines so far with the amounts that steps build on: rounded ones, or exact ones when only the bill is rounded. */
  values(): (readonly [Draft, Exact])[];
  /** The finished lines; a last one tells what rounding the total to larger steps changes. */
  lines(cycle: Cycle): BillLine[];
}

export function createLedger({ mode, lines: what, step = 1 }: Tariff["rounding"]): Ledger {
  const drafts: Draft[] = [];
  const amounts: number[] = [];
  return {
    add(more, isEnergy = false) {
      const exact = more.map((line) => line.exact);
      drafts.push(...more);
      if (what === "bill") return;
      if (isEnergy && what === "energy_sum") amounts.push(...roundTogether(exact, round(sum(exact), mode)));
      else amounts.push(...exact.map((one) => round(one, mode)));
    },
    values() {
      return drafts.map((line, index) => [line, what === "bill" ? line.exact : fraction(amounts[index] as number)]);
    },
    lines(cycle) {
      const exact = drafts.map((line) => line.exact);
      const all = what === "bill" ? roundTogether(exact, round(sum(exact), mode)) : amounts;
      const lines = drafts.map((line, index) => billLine(line, all[index] as number));
      const total = what === "bill" ? sum(exact) : fraction(all.reduce((a, b) => a + b, 0));
      const rest = round(total, mode, step) - all.reduce((a, b) => a + b, 0);
      if (rest === 0) return lines;
      return [
        ...lines,
        billLine(draft({ key: "rounding", kind: "rounding", exact: fraction(rest), span: cycle }), rest),
      ];
    },
  };
}

export function billLine(line: Draft, amountSatang: number): BillLine {
  const { key, kind, unit, period, tier, span } = line;
  return {
    key,
    kind,
    quantity: line.quantity && shown(line.quantity),
    unit,
    rate: line.rate && shown(line.rate, 8),
    amountSatang,
    period,
    tier: tier && { fromKwh: shown(tier.fromKwh), toKwh: tier.toKwh && shown(tier.toKwh) },
    span,
  };
}
