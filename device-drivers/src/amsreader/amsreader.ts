import type { Decoded, Driver, RawMessage } from "../driver.ts";
import { faultOfPayloadId, readMac } from "../ids.ts";
import {
  decodeLeaf,
  facts,
  factsOf,
  mayBeObject,
  outcome,
  plainNumber,
  readLeaves,
  supplyRoles,
} from "../leaf-table.ts";
import type { Collected, JsonObject } from "../readings.ts";
import { isJsonObject } from "../readings.ts";
import { finiteNumberIn } from "../slot.ts";
import { readTime } from "../time.ts";
import { meterLeaves, rawLeaves, realtimeLeaves } from "./values.ts";

/** The firmware of amsleser.no on the HAN port of Nordic and other smart meters (Pow-K, Pow-P1, Pow-U and others). */
export const amsReader: Driver = {
  dialect: "amsreader",
  title: "AMS reader (amsleser.no)",
  devices: "Pow-K, Pow-P1, Pow-U and other readers of the HAN or P1 port with the firmware of amsleser.no",
  reads: "power, voltage, current and power factor by phase, energy from and to the grid, Wi-Fi, uptime, name",
  switches: "nothing",
  connect: "on the reader's page: Configuration › MQTT, the hub's address, payload JSON or Raw",
  decode(message) {
    const raw = decodeRaw(message);
    if (raw || !mayBeObject(message)) return raw;
    const body = message.json();
    if (!isJsonObject(body) || !("id" in body && "up" in body && "t" in body && "rssi" in body)) return undefined;
    const { id } = body;
    return readMac(id) === undefined || faultOfPayloadId(id) ? undefined : decodeJson(body, id as string);
  },
};

/** One object with all that the meter sent; between those, one of the reader itself. */
function decodeJson(body: JsonObject, meterId: string): Decoded {
  const collected: Collected = { readings: [], dropped: [] };
  const data = isJsonObject(body.data) ? body.data : {};
  readLeaves(data, meterLeaves, collected);
  if (isJsonObject(body.realtime)) readLeaves(body.realtime, realtimeLeaves, collected);
  const time = readTime(body.t);
  const uptimeS = finiteNumberIn(body.up);
  const mac = readMac(meterId);
  return outcome(
    {
      meterId,
      channelRoles: supplyRoles,
      ...factsOf({ name: body.name, model: data.type, firmware: body.version, signalDbm: body.rssi }),
      ...(mac !== undefined && { mac }),
      ...(time && !("why" in time) && { time }),
      ...(uptimeS !== undefined && { uptimeS }),
    },
    collected,
  );
}

/** The payload Raw: each value on a topic, `<base>/meter/import/active`. */
function decodeRaw(message: RawMessage): Decoded | undefined {
  const { levels } = message;
  const at = levels.findIndex((level) => level === "meter" || level === "realtime");
  if (at >= 1) {
    const leaf = rawLeaves.get(levels.slice(at).join("/"));
    const meterId = levels.slice(0, at).join("/");
    return leaf && decodeLeaf(message, leaf, { meterId, channelRoles: supplyRoles });
  }
  if (levels[0] !== "amsmeter" || levels.length !== 2) return undefined;
  const [meterId = "", name] = levels;
  const value = plainNumber(message);
  if (name === "rssi" && value !== undefined) return facts({ meterId, signalDbm: value });
  if (name === "uptime" && value !== undefined) return facts({ meterId, uptimeS: value });
  return { ignored: "no measurement", meterId };
}
