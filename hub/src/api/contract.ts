/** The API's shapes, once: Fastify checks by them, OpenAPI is made from them, and the app imports their types. */
import { type Static, Type } from "typebox";
import type { Command } from "./control-contract.ts";

export * from "./access-contract.ts";
export * from "./bill-contract.ts";
export * from "./broker-contract.ts";
export * from "./control-contract.ts";

const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);

/** Epoch milliseconds, UTC. */
const TimeMs = Type.Number({ description: "Epoch milliseconds, UTC" });

export const Role = Type.Union(
  [
    Type.Literal("mains"),
    Type.Literal("circuit"),
    Type.Literal("appliance"),
    Type.Literal("solar"),
    Type.Literal("battery"),
    Type.Literal("ev"),
  ],
  { description: "What the channel measures in the home" },
);
export type Role = Static<typeof Role>;

/** The latest value of one measured thing on a channel. */
export const LatestReading = Type.Object({
  quantity: Type.String({ description: "Such as power_active, voltage, energy_active" }),
  value: Type.Number(),
  unit: Type.String({ description: "W, var, VA, V, A, Hz, Wh, %, °C or empty" }),
  phase: nullable(Type.String({ description: "L1, L2, L3 or N; null is the sum or mean of all" })),
  direction: nullable(Type.String({ description: "import, export, net or produced, for energies" })),
  period: nullable(Type.String({ description: "total, today, month …, for energies" })),
  timeMs: TimeMs,
});
export type LatestReading = Static<typeof LatestReading>;

/** Energy of a span and what it cost at the flat price. */
export const EnergySpan = Type.Object({
  importWh: Type.Number({ description: "Taken in (from the grid, or by the appliance)" }),
  exportWh: Type.Number({ description: "Given out (to the grid)" }),
  cost: Type.Number({ description: "What it added to the bill under the home's plan, in its currency" }),
});
export type EnergySpan = Static<typeof EnergySpan>;

export const Channel = Type.Object({
  id: Type.String({ description: "Meter id and channel, such as tasmota-pow1/main" }),
  meterId: Type.String(),
  name: Type.String(),
  role: Role,
  powerW: nullable(Type.Number({ description: "Active power now; null when never reported" })),
  powerTimeMs: nullable(TimeMs),
  today: EnergySpan,
  relay: nullable(Type.Boolean({ description: "true is on; null when it has no relay" })),
  readings: Type.Array(LatestReading),
});
export type Channel = Static<typeof Channel>;

export const Availability = Type.Union([Type.Literal("online"), Type.Literal("offline"), Type.Literal("unknown")], {
  description: "unknown: not heard from since the hub started",
});

export const Rejection = Type.Object({
  timeMs: TimeMs,
  topic: Type.String(),
  payload: Type.String({ description: "The first 2,000 characters; base64:… when it is not text" }),
  reason: Type.String(),
});
export type Rejection = Static<typeof Rejection>;

export const Meter = Type.Object({
  id: Type.String({ description: "Stable, safe in a URL" }),
  name: Type.String(),
  dialect: Type.String(),
  nativeId: Type.String({ description: "The id that the device itself uses" }),
  homeId: Type.String(),
  model: nullable(Type.String()),
  firmware: nullable(Type.String()),
  availability: Availability,
  firstSeenMs: TimeMs,
  lastSeenMs: TimeMs,
  signalDbm: nullable(Type.Number()),
  uptimeS: nullable(Type.Number()),
  rejectedCount: Type.Integer(),
  lastRejection: nullable(Rejection),
  channels: Type.Array(Channel),
});
export type Meter = Static<typeof Meter>;

/** The home as a whole: what it is, what it uses now, what it used. */
/** What is wrong with the hub itself, for its people. */
export const Notice = Type.Union(
  [
    Type.Literal("clock_unknown"),
    Type.Literal("disk_low"),
    Type.Literal("disk_full"),
    Type.Literal("data_damaged"),
    Type.Literal("external_broker_lost"),
  ],
  { description: "clock_unknown: readings are held until the hub knows the time" },
);
export type Notice = Static<typeof Notice>;

export const Home = Type.Object({
  id: Type.String(),
  name: Type.String(),
  timeZone: Type.String(),
  currency: Type.String({ description: "ISO 4217" }),
  pricePerKwh: Type.Number({ description: "What a kWh costs today, on average" }),
  now: Type.Object({
    timeMs: nullable(TimeMs),
    gridW: nullable(Type.Number({ description: "From the grid; negative is export; null when no meter measures it" })),
    solarW: nullable(Type.Number({ description: "Produced; null without solar" })),
    usedW: nullable(Type.Number({ description: "What the home uses: grid plus solar" })),
    restW: nullable(Type.Number({ description: "Used but on no metered appliance or circuit" })),
  }),
  today: EnergySpan,
  month: EnergySpan,
  todaySolarWh: Type.Number(),
  dayStartMs: TimeMs,
  monthStartMs: TimeMs,
  notices: Type.Array(Notice),
});
export type Home = Static<typeof Home>;

/** The steps that history is given in; `auto` picks the finest that fits 1,500 points. */
export const Step = Type.Union(
  [
    Type.Literal("auto"),
    Type.Literal("raw"),
    Type.Literal("minute"),
    Type.Literal("quarter_hour"),
    Type.Literal("hour"),
    Type.Literal("day"),
    Type.Literal("week"),
    Type.Literal("month"),
    Type.Literal("year"),
  ],
  { default: "auto" },
);
export type Step = Static<typeof Step>;

/** Columns of equal length; a span without readings has no entry. */
export const History = Type.Object({
  channelId: Type.String(),
  quantity: Type.String(),
  unit: Type.String(),
  phase: nullable(Type.String()),
  step: Step,
  timeZone: Type.String(),
  fromMs: TimeMs,
  toMs: TimeMs,
  timeMs: Type.Array(TimeMs, { description: "Start of each span, in the home's time zone for days and longer" }),
  mean: Type.Optional(Type.Array(nullable(Type.Number()))),
  min: Type.Optional(Type.Array(nullable(Type.Number()))),
  max: Type.Optional(Type.Array(nullable(Type.Number()))),
  count: Type.Optional(Type.Array(Type.Integer())),
  importWh: Type.Optional(Type.Array(Type.Number())),
  exportWh: Type.Optional(Type.Array(Type.Number())),
  estimatedWh: Type.Optional(
    Type.Array(Type.Number(), { description: "The part of importWh and exportWh spread over a gap in the readings" }),
  ),
});
export type History = Static<typeof History>;

export const UnknownTopic = Type.Object({
  pattern: Type.String({ description: "The topic with ids and numbers replaced by +" }),
  count: Type.Integer(),
  lastTopic: Type.String(),
  lastPayload: Type.String(),
  lastTimeMs: TimeMs,
  isKnown: Type.Boolean({ description: "A driver knows these messages and sets them aside; false when none does" }),
  reason: Type.String({ description: "Why it is not used" }),
});
export type UnknownTopic = Static<typeof UnknownTopic>;

export const DiskState = Type.Union([Type.Literal("ok"), Type.Literal("low"), Type.Literal("full")], {
  description: "low and full: the oldest raw readings are deleted to make room",
});

const Days = Type.Union([Type.Integer({ minimum: 1, maximum: 36_525 }), Type.Null()], {
  description: "null is for ever",
});
export const Keep = Type.Object({ rawDays: Days, minuteDays: Days }, { additionalProperties: false });
export const Retention = Type.Object(
  {
    default: Keep,
    quantities: Type.Record(Type.String(), Keep, { description: "Other rules, by quantity" }),
  },
  {
    additionalProperties: false,
    description: "How long raw readings and minutes are kept; quarter hours and days stay for ever",
  },
);
export type Retention = Static<typeof Retention>;

export const Storage = Type.Object({
  sizeBytes: Type.Integer({ description: "The database on the disk" }),
  disk: Type.Object({ freeBytes: Type.Integer(), totalBytes: Type.Integer(), state: DiskState }),
  retention: Retention,
  quantities: Type.Array(
    Type.Object({
      quantity: Type.String(),
      series: Type.Integer(),
      bytes: Type.Integer({ description: "Now, about" }),
      bytesPerDay: Type.Integer({ description: "What a day adds, as of late" }),
      bytesInTenYears: Type.Integer({ description: "Under the present rule" }),
    }),
  ),
  forecast: Type.Object({
    bytesPerDay: Type.Integer(),
    bytesInTenYears: Type.Integer(),
    fits: Type.Boolean({ description: "Ten years fit on this disk" }),
    daysUntilFull: Type.Union([Type.Integer(), Type.Null()], {
      description: "null: not within ten years; until then the oldest raw readings make room",
    }),
  }),
});
export type Storage = Static<typeof Storage>;

export const Health = Type.Object({
  status: Type.Literal("ok"),
  version: Type.String(),
  uptimeS: Type.Number(),
  timeMs: TimeMs,
  mqtt: Type.Object({ port: Type.Integer(), clients: Type.Integer() }),
  ingest: Type.Object({
    messages: Type.Integer(),
    readings: Type.Integer(),
    rejected: Type.Integer(),
    unknown: Type.Integer(),
    ignored: Type.Integer(),
  }),
  store: Type.Object({
    series: Type.Integer(),
    pendingReadings: Type.Integer({ description: "Not on the disk yet" }),
    sizeBytes: Type.Integer(),
    damaged: Type.Integer({ description: "Parts of the database found damaged since the start, and left out" }),
    disk: DiskState,
  }),
  clock: Type.Object({
    isTrusted: Type.Boolean({ description: "False while the true time is not known: readings are held until it is" }),
  }),
});
export type Health = Static<typeof Health>;

export const ApiError = Type.Object({
  code: Type.String(),
  message: Type.String(),
  hint: Type.String({ description: "What to do about it" }),
});
export type ApiError = Static<typeof ApiError>;

/**
 * What `/api/live` sends, one JSON object per frame. First a snapshot; then events in the customer's form.
 * A slow reader gets the newest state of each channel, not every step on the way.
 */
export type LiveEvent =
  | SnapshotEvent
  | PowerUpdateEvent
  | MeterUpdateEvent
  | MeterRemovedEvent
  | HomeUpdateEvent
  | CommandUpdateEvent;

interface EventBase {
  home_id: string;
  /** ISO 8601, UTC. */
  timestamp: string;
}

export interface SnapshotEvent extends EventBase {
  event_type: "snapshot";
  /** `home` is null for people who see meters only. */
  data: { home: Home | null; meters: Meter[]; version: string };
}

/** One channel measured something. `data` holds what is known of the channel; `readings` what this update changed. */
export interface PowerUpdateEvent extends EventBase {
  event_type: "power_update";
  device_id: string;
  circuit_id: string;
  meter_id: string;
  channel_id: string;
  data: {
    current_power_w: number | null;
    voltage_v: number | null;
    current_a: number | null;
    power_factor: number | null;
    today_kwh: number;
    /** `cost_today_thb` in a home that pays in baht. */
    [costToday: `cost_today_${string}`]: number;
  };
  readings: LatestReading[];
  relay: boolean | null;
  metadata: { source: "mqtt"; processed_at: string; latency_ms: number };
}

/** A meter is new, or its name, availability, health or channels changed. */
export interface MeterUpdateEvent extends EventBase {
  event_type: "meter_update";
  data: Meter;
}

export interface MeterRemovedEvent extends EventBase {
  event_type: "meter_removed";
  data: { meterId: string };
}

/** A command is new, or its state has changed. */
export interface CommandUpdateEvent extends EventBase {
  event_type: "command_update";
  data: Command;
}

export interface HomeUpdateEvent extends EventBase {
  event_type: "home_update";
  data: Home;
}
