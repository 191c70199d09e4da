import fc from "fast-check";
import { expect, test } from "vitest";
import { computeBill } from "./bill.ts";
import { findTariff, readBook } from "./book.ts";
import type { RoundingMode } from "./exact.ts";
import { june } from "./test-tariffs.ts";

/** A second engine, written another way: decimals as big integers with an exponent, units counted one tier at a time. */
interface Decimal {
  digits: bigint;
  places: number;
}

const parse = (text: string): Decimal => {
  const places = text.includes(".") ? text.length - text.indexOf(".") - 1 : 0;
  return { digits: BigInt(text.replace(".", "")), places };
};
const times = (a: Decimal, b: Decimal) => ({ digits: a.digits * b.digits, places: a.places + b.places });
const plus = (a: Decimal, b: Decimal): Decimal => {
  const places = Math.max(a.places, b.places);
  const at = (x: Decimal) => x.digits * 10n ** BigInt(places - x.places);
  return { digits: at(a) + at(b), places };
};
const total = (list: Decimal[]) => list.reduce(plus, parse("0"));

/** By the text of the digits: what stands behind the point decides. */
function toHundredths(amount: Decimal, mode: RoundingMode): number {
  const hundred = times(amount, parse("100"));
  const isNegative = hundred.digits < 0n;
  const text = (isNegative ? -hundred.digits : hundred.digits).toString().padStart(hundred.places + 1, "0");
  const whole = Number(text.slice(0, text.length - hundred.places));
  const rest = text.slice(text.length - hundred.places).replace(/0+$/, "");
  const isHalf = rest === "5";
  const isMore = !isHalf && rest !== "" && rest >= "5";
  const goesUp =
    mode === "up"
      ? rest !== ""
      : mode === "down"
        ? false
        : isMore || (isHalf && (mode === "half-up" || whole % 2 === 1));
  const size = whole + (goesUp ? 1 : 0);
  return size === 0 ? 0 : isNegative ? -size : size;
}

interface Case {
  mode: RoundingMode;
  isSum: boolean;
  limits: number[];
  prices: string[];
  service: string;
  ft: string;
  discount: string;
  vat: string;
  minimum: string;
  wattHours: number;
}

function referenceBill(one: Case): { amounts: number[]; total: number } {
  const kwh: Decimal = { digits: BigInt(one.wattHours), places: 3 };
  const round = (amount: Decimal) => toHundredths(amount, one.mode);
  const tiers: Decimal[] = [];
  let left = one.wattHours;
  one.prices.forEach((price, index) => {
    const size =
      index < one.limits.length ? (one.limits[index] as number) * 1000 - (one.limits[index - 1] ?? 0) * 1000 : left;
    const filled = Math.min(size, left);
    left -= filled;
    if (filled > 0 || (index === 0 && one.wattHours === 0))
      tiers.push(times({ digits: BigInt(filled), places: 3 }, parse(price)));
  });
  const energy = one.isSum ? [round(total(tiers))] : tiers.map(round);
  const amounts = [...energy, round(parse(one.service)), round(times(kwh, times(parse(one.ft), parse("0.01"))))];
  const sum = () => amounts.reduce((a, b) => a + b, 0);
  const percentOf = (percent: string) =>
    round(times({ digits: BigInt(sum()), places: 2 }, times(parse(percent), parse("0.01"))));
  amounts.push(percentOf(one.discount));
  amounts.push(Math.max(round(parse(one.minimum)) - sum(), 0));
  amounts.push(percentOf(one.vat));
  return { amounts, total: sum() };
}

function engineBill(one: Case): { amounts: number[]; total: number } {
  const tiers = one.prices.map((price, index) => ({
    upToKwh: index < one.limits.length ? String(one.limits[index]) : null,
    price,
  }));
  const tariff = {
    id: "fuzz",
    name: { en: "", th: "" },
    currency: "THB",
    timeZone: "Asia/Bangkok",
    changes: "cycle",
    rounding: { mode: one.mode, lines: one.isSum ? "energy_sum" : "each" },
    sources: ["made up"],
    versions: [
      {
        from: "2020-01-01",
        energy: { all: { tiers } },
        fixed: [{ key: "service", amount: one.service, per: "cycle" }],
        adjustments: ["ft"],
        steps: [
          { key: "discount", percent: one.discount },
          { key: "minimum", minimum: one.minimum },
          { key: "vat", percent: one.vat },
        ],
      },
    ],
  };
  const ft = { key: "ft", values: [{ from: "2020-01-01", hundredthsPerKwh: one.ft, confidence: "A" }], sources: ["x"] };
  const book = readBook([{ name: "fuzz.json", content: { tariffs: [tariff], adjustments: { ft } } }]);
  const usage = { totals: { importWh: { all: one.wattHours } } };
  const { lines, totalSatang } = computeBill({ tariff: findTariff(book, "fuzz"), cycle: june, usage });
  const energy = lines.filter(({ kind }) => kind === "energy").map(({ amountSatang }) => amountSatang);
  const named = (key: string) => lines.find((line) => line.key === key)?.amountSatang ?? 0;
  return {
    amounts: [
      ...(one.isSum ? [energy.reduce((a, b) => a + b, 0)] : energy),
      ...["service", "ft", "discount", "minimum", "vat"].map(named),
    ],
    total: totalSatang,
  };
}

const decimalText = (most: number, places: number, sign = "") =>
  fc
    .tuple(fc.nat(most), fc.nat(10 ** places - 1))
    .map(([whole, digits]) => `${sign}${whole}.${String(digits).padStart(places, "0")}`);

const cases: fc.Arbitrary<Case> = fc.uniqueArray(fc.integer({ min: 1, max: 900 }), { maxLength: 6 }).chain((limits) =>
  fc.record({
    mode: fc.constantFrom<RoundingMode>("half-up", "half-even", "down", "up"),
    isSum: fc.boolean(),
    limits: fc.constant(limits.toSorted((a, b) => a - b)),
    prices: fc.array(decimalText(9, 4), { minLength: limits.length + 1, maxLength: limits.length + 1 }),
    service: decimalText(400, 2),
    ft: fc.oneof(decimalText(200, 2), decimalText(50, 2, "-")),
    discount: fc.oneof(fc.constant("0"), decimalText(99, 1, "-")),
    vat: fc.oneof(fc.constant("7"), decimalText(30, 2)),
    minimum: decimalText(900, 2),
    wattHours: fc.oneof(
      fc.integer({ min: 0, max: 2_000 }).map((kwh) => kwh * 1000),
      fc.integer({ min: 0, max: 2_000_000 }),
    ),
  }),
);

test("every line and the total agree with an engine that was written another way", () => {
  fc.assert(
    fc.property(cases, (one) => {
      expect(engineBill(one)).toEqual(referenceBill(one));
    }),
    { numRuns: 2_000 },
  );
});
