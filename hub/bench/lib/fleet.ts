/** What a fleet of meters publishes, and the same samples as InfluxDB's line protocol. */
import { createHousehold, type MeterData } from "./household.ts";
import { createRandom } from "./random.ts";

/** Meters that measure made-up homes at a regular pace. */
export interface Fleet {
  /** The product's full form (20 metrics), its short form with 8 quantities, or only power. */
  form: "full" | "eight" | "power";
  /** Begins the meters' ids: meters of one name are one series. */
  name: string;
  meters: number;
  /** How many messages each meter sends. */
  messages: number;
  startMs: number;
  spacingMs: number;
  /** How far a meter's time may lie off its pace, in ms. */
  jitterMs: number;
}

/** One message of a meter. */
export interface FleetMessage {
  topic: string;
  payload: string;
  timeMs: number;
}

/** The numbers of one moment by name, such as power_active or w. */
export type Fields = [name: string, value: number][];

/** 50 meters of 8 quantities at 1 Hz, for a load at the pace of real time. */
export function paceFleet(seconds: number): Fleet {
  return { form: "eight", name: "meter", meters: 50, messages: seconds, startMs: 0, spacingMs: 1_000, jitterMs: 0 };
}

/** The id of a meter of the fleet, such as meter_07. */
export function meterId({ name }: Fleet, meter: number): string {
  return `${name}_${String(meter).padStart(2, "0")}`;
}

/** The messages of one meter in the order of time; the same for the same fleet. */
export function* meterMessages(fleet: Fleet, meter: number): Generator<FleetMessage> {
  const id = meterId(fleet, meter);
  for (const { data, timeMs } of moments(fleet, meter)) {
    yield fleet.form === "full" ? fullMessage(id, data, timeMs) : shortMessage(id, fieldsOf(fleet, data), timeMs);
  }
}

/** The lines of one meter's samples; times are ms. */
export function* meterLines(fleet: Fleet, meter: number): Generator<string> {
  const id = meterId(fleet, meter);
  for (const { data, timeMs } of moments(fleet, meter)) yield lineOf(id, fieldsOf(fleet, data), timeMs);
}

/** One line of InfluxDB's protocol: a point of measurement `meter` with all its fields. */
export function lineOf(id: string, fields: Fields, timeMs: number): string {
  return `meter,id=${id} ${fields.map(([name, value]) => `${name}=${value}`).join(",")} ${timeMs}`;
}

/** What a collector makes of a message: its meter, its numbers by name, and its time in ms. */
export function decodeMessage(topic: string, payload: string): { id: string; fields: Fields; timeMs: number } {
  const body = JSON.parse(payload) as Record<string, unknown>;
  const { ts, timestamp, data, device_id: deviceId } = body;
  return {
    id: typeof deviceId === "string" ? deviceId : topic.slice(topic.lastIndexOf("/") + 1),
    fields: flat(data ?? body).filter(([name]) => name !== "ts"),
    timeMs: typeof ts === "number" ? Math.round(ts * 1000) : Date.parse(String(timestamp)),
  };
}

function* moments(fleet: Fleet, meter: number): Generator<{ data: MeterData; timeMs: number }> {
  const next = createHousehold(meter + 1);
  const random = createRandom(meter + 1_000);
  for (let index = 0; index < fleet.messages; index += 1) {
    const jitterMs = Math.round((random() * 2 - 1) * fleet.jitterMs);
    yield { data: next(), timeMs: fleet.startMs + index * fleet.spacingMs + jitterMs };
  }
}

/** The names are the paths in the full form, or the keys of the short form. */
function fieldsOf({ form }: Fleet, data: MeterData): Fields {
  if (form === "full") return flat(data);
  const power: Fields = [["w", data.power.active]];
  if (form === "power") return power;
  const amperes = data.current.l1 + data.current.l2 + data.current.l3;
  return [
    ...power,
    ...([
      ["v", data.voltage.avg],
      ["a", Math.round(amperes * 100) / 100],
      ["pf", data.power_factor],
      ["var", data.power.reactive],
      ["va", data.power.apparent],
      ["hz", data.frequency],
      ["kwh", data.energy.total_kwh],
    ] satisfies Fields),
  ];
}

function flat(value: unknown, prefix = ""): Fields {
  const join = (key: string) => (prefix === "" ? key : `${prefix}_${key}`);
  return Object.entries(value as object).flatMap(([key, inner]): Fields => {
    if (typeof inner === "number") return [[join(key), inner]];
    return typeof inner === "object" && inner !== null ? flat(inner, join(key)) : [];
  });
}

function fullMessage(id: string, data: MeterData, timeMs: number): FleetMessage {
  const payload = JSON.stringify({
    ...{ schema_version: "1.0", device_id: id, home_id: "bench", timestamp: new Date(timeMs).toISOString(), data },
    status: { relay: "closed", wifi_rssi: -65, uptime_seconds: 86_400 },
  });
  return { topic: `home/bench/device/${id}/telemetry`, payload, timeMs };
}

function shortMessage(id: string, fields: Fields, timeMs: number): FleetMessage {
  const payload = JSON.stringify({ ...Object.fromEntries(fields), ts: timeMs / 1000 });
  return { topic: `home/bench/sensor/power/device/${id}`, payload, timeMs };
}
