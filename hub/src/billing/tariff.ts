/** What a tariff is: the schema of the files in hub/tariffs, which its README explains with examples. */
import { type Static, Type } from "typebox";

const strict = { additionalProperties: false } as const;
const optional = Type.Optional;

/** Decimals are texts, so that no reader of the file makes them binary fractions. */
const Decimal = Type.String({ pattern: "^-?\\d{1,9}(\\.\\d{1,8})?$", description: 'A decimal such as "3.2484"' });
const Kwh = Type.String({ pattern: "^\\d{1,9}(\\.\\d{1,3})?$", description: 'kWh such as "150"' });
const Key = Type.String({ pattern: "^[a-z][a-z0-9_]{0,31}$", description: "Name of a text in the labels" });
const Id = Type.String({ pattern: "^[A-Za-z0-9][A-Za-z0-9.-]{0,47}$" });
const LocalDate = Type.String({ pattern: "^\\d{4}-\\d{2}-\\d{2}$" });
const MonthDay = Type.String({ pattern: "^(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$" });
const Clock = Type.String({
  pattern: "^([01]\\d|2[0-3]):(00|15|30|45)$|^24:00$",
  description: "Local time, on a quarter",
});
const Weekday = Type.Enum(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]);

const Label = Type.Object({ en: Type.String(), th: Type.String() }, strict);
export type Label = Static<typeof Label>;

/** How sure a number is: A two sources agree, B one source, C recalled and to be confirmed. */
const Confidence = Type.Enum(["A", "B", "C"]);

const Tier = Type.Object({ upToKwh: Type.Union([Kwh, Type.Null()]), price: Decimal }, strict);
const Tiers = Type.Object(
  {
    tiers: Type.Array(Tier, { minItems: 1, maxItems: 20 }),
    limits: optional(Type.Enum(["cycle", "day"], { description: "upToKwh of a cycle (default), or times its days" })),
    onChange: optional(Type.Enum(["continue", "share"], { description: "See README: a change inside a cycle" })),
  },
  strict,
);
export type Tiers = Static<typeof Tiers>;
const Dynamic = Type.Object({ prices: Key, factor: optional(Decimal), add: optional(Decimal) }, strict);
export type Dynamic = Static<typeof Dynamic>;

/** Currency per kWh: flat, in tiers, or a series of prices that comes with the use. */
const Price = Type.Union([Decimal, Tiers, Dynamic]);
export type Price = Static<typeof Price>;

const Fixed = Type.Object(
  { key: Key, amount: Decimal, per: Type.Enum(["cycle", "day", "month", "year", "contracted_kw"]) },
  strict,
);
export type Fixed = Static<typeof Fixed>;

const Demand = Type.Object(
  {
    key: Key,
    pricePerKw: Decimal,
    minutes: Type.Enum([15, 30, 60]),
    periods: optional(Type.Array(Key, { description: "Only these times of use; all when not given" })),
    stepW: optional(Type.Integer({ minimum: 1, description: "The peak is rounded to this many watts" })),
  },
  strict,
);
export type Demand = Static<typeof Demand>;

const When = Type.Object({ maxKwh: optional(Kwh), minKwh: optional(Kwh), entitlement: optional(Key) }, strict);

/** One of percent, perKwh, amount or minimum, on the sum of all lines before it. */
const Step = Type.Object(
  {
    key: Key,
    percent: optional(Decimal),
    perKwh: optional(Decimal),
    amount: optional(Decimal),
    minimum: optional(Decimal),
    of: optional(Type.Array(Key, { description: "Only these lines, or all of a kind; all when not given" })),
    when: optional(When),
    confidence: optional(Confidence),
  },
  strict,
);
export type Step = Static<typeof Step>;

const Export = Type.Object(
  {
    mode: Type.Enum(["credit", "net"], { description: "Money for each kWh, or kWh against kWh" }),
    price: optional(Type.Union([Decimal, Dynamic], { description: "Per kWh; of the surplus when netting" })),
    settled: optional(
      Type.Enum(["separately", "on_bill", "before_steps"], { description: "Default separately: not in the total" }),
    ),
    surplus: optional(
      Type.Enum(["pay", "carry", "forfeit"], {
        description: "Of what exceeds the bill; default pay, when netting carry",
      }),
    ),
    confidence: optional(Confidence),
  },
  strict,
);
export type Export = Static<typeof Export>;

const Version = Type.Object(
  {
    from: LocalDate,
    energy: Type.Record(Key, Price, { description: "Price by time of use, or of all as `all`" }),
    fixed: optional(Type.Array(Fixed, { maxItems: 20 })),
    demand: optional(Type.Array(Demand, { maxItems: 10 })),
    adjustments: optional(Type.Array(Id, { maxItems: 10 })),
    steps: optional(Type.Array(Step, { maxItems: 20 })),
    export: optional(Export),
  },
  strict,
);
export type Version = Static<typeof Version>;

const ScheduleRule = Type.Object(
  {
    period: Key,
    days: optional(Type.Array(Type.Union([Weekday, Type.Literal("holiday")]), { minItems: 1 })),
    from: optional(Clock),
    to: optional(Clock),
    season: optional(Type.Object({ from: MonthDay, to: MonthDay }, strict)),
  },
  strict,
);

const Schedule = Type.Object(
  {
    rules: Type.Array(ScheduleRule, { maxItems: 50, description: "The first that fits decides" }),
    otherwise: Key,
    holidays: optional(Id),
    clock: optional(Type.String({ description: "Time zone of the meter's clock when it is not the tariff's" })),
  },
  strict,
);
export type Schedule = Static<typeof Schedule>;

const Rounding = Type.Object(
  {
    mode: Type.Enum(["half-up", "half-even", "down", "up"]),
    lines: Type.Enum(["each", "energy_sum", "bill"], { description: "What is rounded: see README" }),
    step: optional(Type.Integer({ minimum: 1, maximum: 10_000, description: "In hundredths, 1 when not given" })),
  },
  strict,
);

export const Tariff = Type.Object(
  {
    id: Id,
    name: Label,
    country: optional(Type.String({ pattern: "^[A-Z]{2}$" })),
    currency: Type.String({ pattern: "^[A-Z]{3}$" }),
    timeZone: Type.String(),
    about: optional(Label),
    customer: optional(Type.Enum(["home", "business", "example"], { description: "Who can have it" })),
    changes: Type.Enum(["cycle", "day"], { description: "Which prices apply: the billing month's, or each day's" }),
    rounding: Rounding,
    unitWh: optional(Type.Integer({ minimum: 1, description: "The meter's reading step: 1000 bills whole kWh" })),
    schedule: optional(Schedule),
    versions: Type.Array(Version, { minItems: 1, maxItems: 100 }),
    moves: optional(
      Type.Array(
        Type.Object(
          {
            to: Id,
            cycles: Type.Integer({ minimum: 1, maximum: 24 }),
            aboveKwh: optional(Kwh),
            upToKwh: optional(Kwh),
          },
          strict,
        ),
        { description: "To which tariff the utility moves a household after its use" },
      ),
    ),
    sources: Type.Array(Type.String(), { minItems: 1 }),
  },
  strict,
);
export type Tariff = Static<typeof Tariff>;

const Adjustment = Type.Object(
  {
    key: Key,
    values: Type.Array(
      Type.Object(
        { from: LocalDate, hundredthsPerKwh: Decimal, confidence: Confidence, source: optional(Type.String()) },
        strict,
      ),
      { minItems: 1, maxItems: 1_000 },
    ),
    until: optional(Type.String({ pattern: "^\\d{4}-\\d{2}-\\d{2}$", description: "The last day that is known" })),
    sources: Type.Array(Type.String(), { minItems: 1 }),
  },
  strict,
);
export type Adjustment = Static<typeof Adjustment>;

const Holiday = Type.Object(
  {
    name: Label,
    date: optional(LocalDate),
    day: optional(MonthDay),
    easter: optional(Type.Integer({ minimum: -100, maximum: 100, description: "Days after Easter Sunday" })),
    weekday: optional(Weekday),
    month: optional(Type.Integer({ minimum: 1, maximum: 12 })),
    nth: optional(Type.Integer({ minimum: -5, maximum: 5, description: "The nth such weekday; -1 is the last" })),
    fromYear: optional(Type.Integer()),
    toYear: optional(Type.Integer()),
    confidence: optional(Confidence),
  },
  strict,
);
export type Holiday = Static<typeof Holiday>;

const HolidayCalendar = Type.Object(
  {
    substitute: Type.Enum(["none", "next_workday", "sunday_to_next_workday", "nearest_workday"]),
    days: Type.Array(Holiday, { maxItems: 1_000 }),
    fromYear: Type.Integer(),
    toYear: Type.Integer({ description: "The last year that is known" }),
    sources: Type.Array(Type.String(), { minItems: 1 }),
  },
  strict,
);
export type HolidayCalendar = Static<typeof HolidayCalendar>;

/** One file of hub/tariffs; all files together are the book. */
export const TariffFile = Type.Object(
  {
    tariffs: optional(Type.Array(Tariff)),
    adjustments: optional(Type.Record(Id, Adjustment)),
    holidays: optional(Type.Record(Id, HolidayCalendar)),
    labels: optional(Type.Record(Type.String(), Label)),
  },
  strict,
);
export type TariffFile = Static<typeof TariffFile>;
