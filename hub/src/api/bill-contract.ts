/** The API's shapes of tariffs and bills. Amounts are whole hundredths of the currency: satang, cents, pence. */
import { type Static, Type } from "typebox";

const strict = { additionalProperties: false } as const;
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);

const TimeMs = Type.Number({ description: "Epoch milliseconds, UTC" });
const LocalDate = Type.String({ pattern: "^\\d{4}-\\d{2}-\\d{2}$", description: "Local date such as 2026-01-31" });
const Month = Type.String({ pattern: "^\\d{4}-(0[1-9]|1[0-2])$", description: "Month such as 2026-01" });
const Key = Type.String({ pattern: "^[a-z][a-z0-9_]{0,31}$" });
const PlanId = Type.String({ minLength: 1, maxLength: 48, description: "As in GET /api/tariffs" });
const Satang = Type.Integer({ description: "Hundredths of the currency" });
const Decimal = Type.String({ description: "A decimal, exact" });

/** A text in both languages. */
export const Label = Type.Object({ en: Type.String(), th: Type.String() });
export type Label = Static<typeof Label>;

const Named = Type.Object({ key: Type.String(), label: Label });
const Period = Type.Object({ period: Type.String({ description: "`all` without times of use" }), label: Label });

/** A plan that a home can be on. */
export const Plan = Type.Object({
  id: Type.String(),
  name: Label,
  about: nullable(Label),
  country: nullable(Type.String({ description: "ISO 3166" })),
  currency: Type.String({ description: "ISO 4217" }),
  customer: nullable(Type.String({ description: "home, business, or example: its prices are made up" })),
  isOwn: Type.Boolean({ description: "Of the household's own tariffs" }),
  periods: Type.Array(Period),
  adjustments: Type.Array(Named, { description: "Amounts per kWh that are set anew from time to time, such as Ft" }),
  entitlements: Type.Array(Named, { description: "What some households have a right to" }),
  needsContractedKw: Type.Boolean(),
  needsPrices: Type.Boolean({ description: "Its prices change by the hour: the hub has none of them" }),
  pricesFrom: LocalDate,
  sources: Type.Array(Type.String()),
});
export type Plan = Static<typeof Plan>;

/** On which plan the household is, from a date on. */
export const PlanSpan = Type.Object(
  {
    from: nullable(LocalDate),
    plan: PlanId,
    startDay: Type.Integer({ minimum: 1, maximum: 31, description: "A shorter month's cycle begins on its last day" }),
    months: Type.Integer({ minimum: 1, maximum: 2, description: "How long a cycle lasts" }),
    anchorMonth: nullable(Month),
    entitlements: Type.Array(Key, { maxItems: 20 }),
    contractedKw: nullable(Type.Number({ minimum: 0, maximum: 100_000 })),
  },
  { ...strict, description: "The first is from null on. A new one begins a new cycle; the one before ends there" },
);
export type PlanSpan = Static<typeof PlanSpan>;

const Rate = Type.String({ pattern: "^-?\\d{1,6}(\\.\\d{1,6})?$", description: 'Hundredths per kWh, such as "39.72"' });

/** How the household is billed. */
export const TariffSettings = Type.Object(
  {
    plans: Type.Array(PlanSpan, { minItems: 1, maxItems: 50 }),
    adjustments: Type.Record(
      Type.String({ pattern: "^\\d{4}-(0[1-9]|1[0-2])$" }),
      Type.Record(Type.String({ pattern: "^[a-z][a-z0-9_]{0,31}$" }), Rate, { additionalProperties: false }),
      { additionalProperties: false, maxProperties: 600, description: "In place of the published: month, then key" },
    ),
    flatPrice: nullable(
      Type.String({ pattern: "^\\d{1,6}(\\.\\d{1,6})?$", description: "Of a kWh on the plan home-price" }),
    ),
    own: nullable(Type.Unknown({ description: "Own tariffs, in the form of hub/tariffs" })),
  },
  strict,
);
export type TariffSettings = Static<typeof TariffSettings>;

export const TariffAnswer = Type.Object({
  settings: TariffSettings,
  isDefault: Type.Boolean({ description: "Nobody has chosen a plan yet" }),
  cycle: Type.Object({ start: LocalDate, end: LocalDate }, { description: "The present one" }),
});
export type TariffAnswer = Static<typeof TariffAnswer>;

const Cycle = Type.Object({
  start: LocalDate,
  end: Type.String({ description: "The first date after it" }),
  startMs: TimeMs,
  endMs: TimeMs,
  days: Type.Integer(),
});

export const BillLine = Type.Object({
  key: Type.String(),
  kind: Type.String({
    description: "energy, fixed, demand, adjustment, charge, discount, tax, minimum, export, rounding",
  }),
  label: Label,
  quantity: nullable(Decimal),
  unit: nullable(Type.String()),
  rate: nullable(Decimal),
  amountSatang: Satang,
  period: nullable(Type.String()),
  tier: nullable(Type.Object({ fromKwh: Decimal, toKwh: nullable(Decimal) })),
  span: Type.Object({ start: LocalDate, end: LocalDate }),
});
export type BillLine = Static<typeof BillLine>;

/** How well the cycle was measured. */
export const Measured = Type.Object({
  quarters: Type.Integer({ description: "Quarter hours with energy" }),
  missingQuarters: Type.Integer({ description: "Quarter hours without, up to now" }),
  partialQuarters: Type.Integer({
    description: "Quarter hours in which one of several meters of the supply was silent",
  }),
  estimatedWh: Type.Number({ description: "The part of the energy that was spread over a silence" }),
});
export type Measured = Static<typeof Measured>;

export const Bill = Type.Object({
  cycle: Cycle,
  plan: Type.Object({ id: Type.String(), name: Label }),
  currency: Type.String(),
  billedKwh: Decimal,
  periods: Type.Array(
    Type.Object({
      period: Type.String(),
      label: Label,
      importWh: Type.Number(),
      exportWh: Type.Number(),
      amountSatang: nullable(Satang),
    }),
  ),
  lines: Type.Array(BillLine, { description: "As the utility prints them; they add up to totalSatang" }),
  totalSatang: Satang,
  separateLines: Type.Array(BillLine, { description: "Paid apart, not in the total" }),
  peak: nullable(Type.Object({ powerW: Type.Number(), startMs: nullable(TimeMs) })),
  notes: Type.Array(Type.Object({ key: Type.String(), text: Label })),
  measured: Measured,
});
export type Bill = Static<typeof Bill>;

const PeriodPrice = Type.Object({
  period: Type.String(),
  label: Label,
  startMs: TimeMs,
  endMs: nullable(Type.Number({ description: "null: not within eight days" })),
  satangPerKwh: nullable(Type.Number({ description: "What the next kWh adds to the bill, taxes included" })),
});

/** The present cycle. */
export const BillNow = Type.Object({
  toDate: Bill,
  expected: nullable(Bill),
  range: nullable(Type.Object({ lowSatang: Satang, highSatang: Satang }, { description: "Four of five end in it" })),
  learnedDays: Type.Integer({ description: "Whole days that the expectation was learned from" }),
  now: PeriodPrice,
  next: nullable(PeriodPrice),
});
export type BillNow = Static<typeof BillNow>;

const Adjustment = Type.Object({ key: Type.String(), rate: Decimal });

/** What a final bill was made from. */
export const MadeFrom = Type.Object({
  plan: Type.String(),
  pricesFrom: Type.String({ description: "Of the plan's version, by the billing month" }),
  tariffDigest: Type.String({ description: "SHA-256 of the whole tariff, with adjustments and holidays" }),
  quartersDigest: Type.String({ description: "SHA-256 of the quarter hours' energies" }),
  adjustments: Type.Array(Adjustment, { description: "Currency per kWh" }),
  entitlements: Type.Array(Type.String()),
  contractedKw: nullable(Type.Number()),
});
export type MadeFrom = Static<typeof MadeFrom>;

/** What the utility's own bill says, and how the hub's differs: positive when the hub's is higher. */
export const Paper = Type.Object({
  totalSatang: Satang,
  kwh: nullable(Decimal),
  notedMs: TimeMs,
  differenceSatang: Satang,
  differencePercent: nullable(Type.Number()),
  differenceKwh: nullable(Type.Number()),
});
export type Paper = Static<typeof Paper>;

const State = Type.Union([Type.Literal("running"), Type.Literal("provisional"), Type.Literal("final")], {
  description: "provisional: over, but late readings may come; final: it changes only when it is made anew on request",
});

export const PastBill = Type.Object({
  state: State,
  bill: Bill,
  madeMs: nullable(TimeMs),
  madeFrom: nullable(MadeFrom),
  paper: nullable(Paper),
});
export type PastBill = Static<typeof PastBill>;

export const BillSummary = Type.Object({
  state: State,
  cycle: Cycle,
  plan: Type.Object({ id: Type.String(), name: Label }),
  currency: Type.String(),
  billedKwh: Decimal,
  totalSatang: Satang,
  missingQuarters: Type.Integer(),
  paper: nullable(Paper),
});
export type BillSummary = Static<typeof BillSummary>;

/** Past cycles, the newest first. */
export const Bills = Type.Object({
  bills: Type.Array(BillSummary),
  problems: Type.Array(Type.Object({ cycle: Cycle, message: Type.String(), hint: Type.String() }), {
    description: "Cycles that cannot be billed",
  }),
});
export type Bills = Static<typeof Bills>;

export const Recomputed = Type.Object({
  before: PastBill,
  after: PastBill,
  changed: Type.Array(
    Type.Union([Type.Literal("plan"), Type.Literal("prices"), Type.Literal("measurements"), Type.Literal("settings")]),
    { description: "What is different from what it was made from; empty when it is the same" },
  ),
  differenceSatang: Satang,
  lines: Type.Array(Type.Object({ label: Label, beforeSatang: nullable(Satang), afterSatang: nullable(Satang) }), {
    description: "Only lines that differ",
  }),
});
export type Recomputed = Static<typeof Recomputed>;

export const PlanCost = Type.Object({
  plan: Type.Object({ id: Type.String(), name: Label, about: nullable(Label) }),
  isCurrent: Type.Boolean(),
  totalSatang: nullable(Satang),
  perDaySatang: nullable(Satang),
  perMonthSatang: nullable(Satang),
  differenceSatang: nullable(Type.Integer({ description: "To the present plan, a month; negative is cheaper" })),
  movesTo: nullable(Type.String({ description: "The plan that the utility moves such a household to" })),
  problem: nullable(Type.Object({ message: Type.String(), hint: Type.String() })),
});
export type PlanCost = Static<typeof PlanCost>;

export const Comparison = Type.Object({
  basis: Type.Union([Type.Literal("past"), Type.Literal("expected"), Type.Literal("to_date")], {
    description: "past: cycles that are over; else the present one, as it is expected or as it is so far",
  }),
  start: LocalDate,
  end: LocalDate,
  cycles: Type.Integer(),
  currency: Type.String(),
  importWh: Type.Number(),
  missingQuarters: Type.Integer(),
  plans: Type.Array(PlanCost, { description: "The cheapest first" }),
});
export type Comparison = Static<typeof Comparison>;

export const Split = Type.Object({
  cycle: Cycle,
  state: State,
  currency: Type.String(),
  totalSatang: Satang,
  by: Type.Union([Type.Literal("circuits"), Type.Literal("appliances")]),
  shares: Type.Array(
    Type.Object({
      channelId: nullable(Type.String({ description: "null: what no meter measured" })),
      meterId: nullable(Type.String()),
      name: Label,
      importWh: Type.Number(),
      amountSatang: Satang,
    }),
    { description: "The dearest first; they add up to totalSatang" },
  ),
});
export type Split = Static<typeof Split>;

/** A figure of the utility's own bill; null takes it back. */
export const PaperFigure = Type.Object(
  {
    totalSatang: nullable(Type.Integer({ minimum: -1_000_000_000, maximum: 1_000_000_000 })),
    kwh: Type.Optional(Type.String({ pattern: "^\\d{1,7}(\\.\\d{1,3})?$" })),
  },
  strict,
);
export type PaperFigure = Static<typeof PaperFigure>;
