/** What is paid for energy given out: on its own, on the bill, or as energy or money for the next cycle. */
import type { Billing } from "./billed.ts";
import { decimal, divide, type Exact, fraction, multiply, round, sum, zero } from "./exact.ts";
import type { Ledger } from "./ledger.ts";
import { type Draft, draft, spanOf } from "./lines.ts";
import type { Part } from "./parts.ts";
import type { Export } from "./tariff.ts";
import { costOf, kwhOf, type Metered } from "./usage.ts";

export interface SettledExport {
  place: "separately" | "on_bill" | "before_steps";
  /** Credits, so negative amounts. */
  drafts: Draft[];
  /** Energy for the next cycle. */
  carryMwh: Record<string, number>;
  /** Puts the credits on the bill, money carried here among them, and takes off what the next cycle gets. */
  addTo(ledger: Ledger): void;
  /** Money for the next cycle, known once the credits are on the bill. */
  carrySatang(): number;
}

interface ExportQuestion {
  parts: readonly Part[];
  metered: readonly Metered[];
  billing: Billing;
  /** Money from the cycle before, in hundredths. */
  carriedSatang: number;
}

/** Settles a cycle's export as its last part says. */
export function settleExport({ parts, metered, billing, carriedSatang }: ExportQuestion): SettledExport {
  const last = parts.at(-1) as Part;
  const rule = last.version.export;
  const surplus = rule?.surplus ?? (rule?.mode === "net" ? "carry" : "pay");
  const place = rule?.settled ?? "separately";
  let carrySatang = place === "separately" ? carriedSatang : 0;
  const drafts = rule?.mode === "net" ? surplusCredit(last, billing, surplus) : credits(parts, metered, billing);
  return {
    place,
    drafts,
    carryMwh: rule?.mode === "net" && surplus === "carry" ? billing.surplusMwh : {},
    addTo(ledger) {
      ledger.add(drafts);
      const span = spanOf(last);
      const brought = draft({ key: "brought_forward", kind: "export", exact: fraction(-carriedSatang), span });
      if (carriedSatang !== 0) ledger.add([brought]);
      const rest = sum(ledger.values().map(([, value]) => value));
      if (surplus === "pay" || rest.n >= 0n) return;
      const exact = { n: -rest.n, d: rest.d };
      ledger.add([draft({ key: surplus === "carry" ? "carried_forward" : "forfeited", kind: "export", exact, span })]);
      if (surplus === "carry") carrySatang = round(exact, "down");
    },
    carrySatang: () => carrySatang,
  };
}

/** Money for each kWh that a part gives out. */
function credits(parts: readonly Part[], metered: readonly Metered[], billing: Billing): Draft[] {
  return parts.flatMap((part, index) => {
    const mwh = billing.exportMwh[index] ?? 0;
    const price = part.version.export?.price;
    if (price === undefined || mwh === 0) return [];
    if (typeof price === "string") return [creditLine(part, mwh, decimal(price))];
    const spot = multiply(sum(metered[index]?.exportSpot ?? []), fraction(1, 1_000_000));
    return [creditLine(part, mwh, divide(spot, multiply(kwhOf(mwh), fraction(100))), spot)];
  });
}

/** Money for what is left of the energy given out after netting. */
function surplusCredit(part: Part, billing: Billing, surplus: Export["surplus"]): Draft[] {
  const mwh = Object.values(billing.surplusMwh).reduce((a, b) => a + b, 0);
  const price = part.version.export?.price;
  if (surplus !== "pay" || typeof price !== "string" || mwh === 0) return [];
  return [creditLine(part, mwh, decimal(price))];
}

function creditLine(part: Part, mwh: number, rate: Exact, credit = costOf(mwh, rate)): Draft {
  const exact = { n: zero.n - credit.n, d: credit.d };
  return draft({ key: "export", kind: "export", quantity: kwhOf(mwh), unit: "kWh", rate, exact, span: spanOf(part) });
}
