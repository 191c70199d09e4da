import type { Decoded, MeterMessage, RawMessage } from "../driver.ts";
import { faultOfPayloadId } from "../ids.ts";
import type { JsonObject } from "../readings.ts";
import { isJsonObject } from "../readings.ts";
import { numberIn } from "../slot.ts";

type Availability = NonNullable<MeterMessage["availability"]>;

/** A home has few devices; a longer list is a fault of its sender. */
const maxDevices = 1000;

const availabilities: ReadonlyMap<string, Availability> = new Map<string, Availability>([
  ["online", "online"],
  ["true", "online"],
  ["1", "online"],
  ["offline", "offline"],
  ["false", "offline"],
  ["0", "offline"],
]);

/** `device/{id}/status`: the word alone or in JSON. */
export function decodeStatus(message: RawMessage, homeId: string, meterId: string): Decoded {
  if (message.payload.length === 0) return { ignored: "a retained status was cleared", meterId };
  const json = message.json();
  const availability = readAvailability(isJsonObject(json) ? statusOf(json) : (json ?? message.text()));
  if (!availability) return { rejected: 'the status must be "online" or "offline"', meterId };
  return { meters: [{ meterId, homeId, readings: [], availability }] };
}

/** `device/status/all`: `{"meter_1":"online"}` or `[{"device_id":"meter_1","status":"online"}]`. */
export function decodeAllStatuses(message: RawMessage, homeId: string): Decoded {
  const json = message.json();
  if (!Array.isArray(json) && !isJsonObject(json)) return { rejected: "the payload is not a JSON object or list" };
  const entries = Array.isArray(json) ? json.map(entryOf) : Object.entries(json);
  if (entries.length > maxDevices) return { rejected: `it lists more than ${maxDevices} devices` };
  const meters: MeterMessage[] = [];
  for (const [meterId, value] of entries) {
    const fault = faultOfPayloadId(meterId);
    if (fault) return { rejected: fault };
    const availability = readAvailability(isJsonObject(value) ? statusOf(value) : value);
    if (!availability) return { rejected: `the status of ${meterId} must be "online" or "offline"` };
    meters.push({ meterId: meterId as string, homeId, readings: [], availability });
  }
  return meters.length === 0 ? { ignored: "no device is listed" } : { meters };
}

function entryOf(item: unknown): [unknown, unknown] {
  return isJsonObject(item) ? [item.device_id ?? item.id, statusOf(item)] : [undefined, undefined];
}

function statusOf(body: JsonObject): unknown {
  return body.status ?? body.state ?? body.online;
}

function readAvailability(value: unknown): Availability | undefined {
  if (typeof value !== "string" && typeof value !== "boolean" && numberIn(value) === undefined) return undefined;
  return availabilities.get(`${value}`.trim().toLowerCase());
}
