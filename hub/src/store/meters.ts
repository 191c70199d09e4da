/** Meters, channels and series. */
import type { Direction, Period, Phase, Quantity, Role } from "@faiban/device-drivers";
import type { EnergyKind } from "../energy/rollup.ts";
import { type Channel, type Meter, resetSpan, type Series, seriesKey } from "../model.ts";
import type { Db } from "./database.ts";
import type { Settings } from "./tables.ts";

const nextSeriesKey = "next_series_id";

export type MeterTables = ReturnType<typeof meterTables>;

interface MeterRow {
  id: string;
  dialect: string;
  home_id: string;
  native_id: string;
  aliases: string;
  name: string;
  is_named_by_user: number;
  model: string | null;
  firmware: string | null;
  mac: string | null;
  first_seen_ms: number;
  last_seen_ms: number;
  signal_dbm: number | null;
  uptime_s: number | null;
  rejected_count: number;
  last_rejection: string | null;
  device_id: string | null;
}

interface ChannelRow {
  id: string;
  meter_id: string;
  key: string;
  name: string;
  is_named_by_user: number;
  role: string;
  is_role_by_user: number;
  relay: number | null;
}

interface SeriesRow {
  id: number;
  channel_id: string;
  quantity: string;
  phase: string | null;
  direction: string | null;
  period: string | null;
  kind: string;
  import_until_ms: number | null;
  export_until_ms: number | null;
}

export function meterTables(db: Db, settings: Settings) {
  const upsertMeter = upsert(db, "meter", [
    "id",
    "dialect",
    "home_id",
    "native_id",
    "aliases",
    "name",
    "is_named_by_user",
    "model",
    "firmware",
    "mac",
    "first_seen_ms",
    "last_seen_ms",
    "signal_dbm",
    "uptime_s",
    "rejected_count",
    "last_rejection",
    "device_id",
  ]);
  const upsertChannel = upsert(db, "channel", [
    "id",
    "meter_id",
    "key",
    "name",
    "is_named_by_user",
    "role",
    "is_role_by_user",
    "relay",
  ]);
  const upsertSeries = upsert(db, "series", [
    "id",
    "channel_id",
    "quantity",
    "phase",
    "direction",
    "period",
    "kind",
    "import_until_ms",
    "export_until_ms",
  ]);
  return {
    saveMeter: (meter: Meter) => void upsertMeter.run(meterRow(meter)),
    saveChannel: (channel: Channel) => void upsertChannel.run(channelRow(channel)),
    saveSeries: (series: Series) => void upsertSeries.run(seriesRow(series)),
    /** All meters with their channels and series; `latest` of each series is left null. */
    load(): Meter[] {
      const meters = new Map<string, Meter>();
      const channels = new Map<string, Channel>();
      for (const row of db.prepare("SELECT * FROM meter ORDER BY first_seen_ms, id").all() as MeterRow[]) {
        meters.set(row.id, meterOf(row));
      }
      for (const row of db.prepare("SELECT * FROM channel ORDER BY id").all() as ChannelRow[]) {
        const channel = channelOf(row);
        channels.set(row.id, channel);
        meters.get(row.meter_id)?.channels.set(row.key, channel);
      }
      for (const row of db.prepare("SELECT * FROM series ORDER BY id").all() as SeriesRow[]) {
        const series = seriesOf(row);
        channels.get(row.channel_id)?.series.set(seriesKey(series), series);
      }
      return [...meters.values()];
    },
    /** By series id, from when on its readings are there: older ones were deleted, their rollups were not. */
    rawFrom(): Map<number, number> {
      const rows = db.prepare("SELECT id, raw_from_ms FROM series WHERE raw_from_ms IS NOT NULL").raw().all();
      return new Map(rows as [number, number][]);
    },
    /** The next id of a series: higher than every one there ever was. */
    nextSeriesId(): number {
      const kept = settings.get(nextSeriesKey);
      const free = db.prepare("SELECT ifnull(max(id), 0) + 1 FROM series").pluck().get() as number;
      return Math.max(Number(kept ?? 1), free);
    },
    /** Keeps the next id over restarts, since series with higher ids may be removed. */
    keepSeriesId: (id: number) => settings.set(nextSeriesKey, String(id)),
  };
}

function upsert(db: Db, table: string, columns: readonly string[]) {
  const updates = columns.slice(1).map((column) => `${column} = excluded.${column}`);
  return db.prepare(
    `INSERT INTO ${table} (${columns.join(", ")}) VALUES (${columns.map((column) => `@${column}`).join(", ")})
     ON CONFLICT (${columns[0]}) DO UPDATE SET ${updates.join(", ")}`,
  );
}

function meterRow(meter: Meter): MeterRow {
  return {
    id: meter.id,
    dialect: meter.dialect,
    home_id: meter.homeId,
    native_id: meter.nativeId,
    aliases: JSON.stringify(meter.aliases),
    name: meter.name,
    is_named_by_user: Number(meter.isNamedByUser),
    model: meter.model,
    firmware: meter.firmware,
    mac: meter.mac,
    first_seen_ms: meter.firstSeenMs,
    last_seen_ms: meter.lastSeenMs,
    signal_dbm: meter.signalDbm,
    uptime_s: meter.uptimeS,
    rejected_count: meter.rejectedCount,
    last_rejection: meter.lastRejection && JSON.stringify(meter.lastRejection),
    device_id: meter.deviceId,
  };
}

function meterOf(row: MeterRow): Meter {
  return {
    id: row.id,
    dialect: row.dialect,
    homeId: row.home_id,
    nativeId: row.native_id,
    aliases: JSON.parse(row.aliases),
    name: row.name,
    isNamedByUser: row.is_named_by_user === 1,
    model: row.model,
    firmware: row.firmware,
    mac: row.mac,
    firstSeenMs: row.first_seen_ms,
    lastSeenMs: row.last_seen_ms,
    signalDbm: row.signal_dbm,
    uptimeS: row.uptime_s,
    rejectedCount: row.rejected_count,
    lastRejection: row.last_rejection === null ? null : JSON.parse(row.last_rejection),
    availability: "unknown",
    deviceId: row.device_id,
    channels: new Map(),
  };
}

function channelRow(channel: Channel): ChannelRow {
  return {
    id: channel.id,
    meter_id: channel.meterId,
    key: channel.key,
    name: channel.name,
    is_named_by_user: Number(channel.isNamedByUser),
    role: channel.role,
    is_role_by_user: Number(channel.isRoleByUser),
    relay: channel.relay === null ? null : Number(channel.relay),
  };
}

function channelOf(row: ChannelRow): Channel {
  return {
    id: row.id,
    meterId: row.meter_id,
    key: row.key,
    name: row.name,
    isNamedByUser: row.is_named_by_user === 1,
    role: row.role as Role,
    isRoleByUser: row.is_role_by_user === 1,
    relay: row.relay === null ? null : row.relay === 1,
    series: new Map(),
  };
}

function seriesRow(series: Series): SeriesRow {
  return {
    id: series.id,
    channel_id: series.channelId,
    quantity: series.quantity,
    phase: series.phase,
    direction: series.direction,
    period: series.period,
    kind: series.kind,
    import_until_ms: series.cut.importUntilMs,
    export_until_ms: series.cut.exportUntilMs,
  };
}

function seriesOf(row: SeriesRow): Series {
  return {
    id: row.id,
    channelId: row.channel_id,
    quantity: row.quantity as Quantity,
    phase: row.phase as Phase | null,
    direction: row.direction as Direction | null,
    period: row.period as Period | null,
    kind: row.kind as EnergyKind,
    resets: resetSpan(row.period as Period | null),
    cut: { importUntilMs: row.import_until_ms, exportUntilMs: row.export_until_ms },
    latest: null,
  };
}
