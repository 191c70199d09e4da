/** The ordered steps after the charges: discounts, taxes, amounts and the minimum bill, each on the lines before it. */
import type { Cycle } from "./cycle.ts";
import { compare, decimal, type Exact, fraction, larger, multiply, subtract, sum, zero } from "./exact.ts";
import { type Draft, draft, type LineKind } from "./lines.ts";
import type { Step } from "./tariff.ts";
import { costOf, kwhOf } from "./usage.ts";

/** What the steps of a part of the cycle are about. */
export interface StepScope {
  span: Cycle;
  /** The billed energy of the cycle, which conditions look at. */
  cycleMwh: number;
  /** The billed energy of the span. */
  mwh: number;
  /** The span's share of the cycle, for amounts and minimums. */
  share: Exact;
  entitlements: readonly string[];
}

/** The line of a step, given the lines before it as [line, amount]; null when its condition does not hold. */
export function stepLine(step: Step, before: readonly (readonly [Draft, Exact])[], scope: StepScope): Draft | null {
  if (!applies(step, scope)) return null;
  const { key, percent, perKwh, amount, minimum, of } = step;
  const within = before.filter(([line]) => !of || of.includes(line.key) || of.includes(line.kind));
  const base = sum(within.map(([, value]) => value));
  const { span } = scope;
  if (percent !== undefined) {
    const rate = decimal(percent);
    const exact = multiply(multiply(base, rate), fraction(1, 100));
    return draft({ key, kind: kindOf(rate, "tax"), quantity: rate, unit: "%", exact, span });
  }
  if (perKwh !== undefined) {
    const rate = decimal(perKwh);
    const quantity = kwhOf(scope.mwh);
    return draft({
      key,
      kind: kindOf(rate, "charge"),
      quantity,
      unit: "kWh",
      rate,
      exact: costOf(scope.mwh, rate),
      span,
    });
  }
  const hundredths = multiply(multiply(decimal(amount ?? minimum ?? "0"), fraction(100)), scope.share);
  if (amount !== undefined) return draft({ key, kind: kindOf(hundredths, "charge"), exact: hundredths, span });
  const missing = larger(subtract(hundredths, base), zero);
  return missing.n === 0n ? null : draft({ key, kind: "minimum", exact: missing, span });
}

function kindOf(value: Exact, kind: LineKind): LineKind {
  return value.n < 0n ? "discount" : kind;
}

function applies({ when }: Step, { cycleMwh, entitlements }: StepScope): boolean {
  if (!when) return true;
  const kwh = kwhOf(cycleMwh);
  if (when.maxKwh !== undefined && compare(kwh, decimal(when.maxKwh)) > 0) return false;
  if (when.minKwh !== undefined && compare(kwh, decimal(when.minKwh)) < 0) return false;
  return when.entitlement === undefined || entitlements.includes(when.entitlement);
}
