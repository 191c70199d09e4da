import type { Decoded, Driver, RawMessage } from "../driver.ts";
import { faultOfTopicId } from "../ids.ts";
import { type About, decodeAvailability, decodeNumber, decodeRelay, outcomeOf } from "../outcome.ts";
import type { Collected, Field, JsonObject } from "../readings.ts";
import { collect, isJsonObject } from "../readings.ts";
import { roleFromName } from "../roles.ts";
import { numberIn } from "../slot.ts";

/** Wi-Fi plugs of Tuya behind tuya-mqtt or tuyagateway. */
export const tuyaMqtt: Driver = {
  dialect: "tuya-mqtt",
  title: "Tuya Wi-Fi plugs behind tuya-mqtt",
  isForAnything: true,
  devices: "Tuya and Smart Life plugs by the programs tuya-mqtt and tuyagateway",
  reads: "power, voltage, current, the relay, availability",
  switches: "the relay: `tuya/<name>/command` on, off",
  connect: "in tuya-mqtt's config.json: host, port, mqtt_user, mqtt_pass",
  decode(message) {
    const { levels } = message;
    if (levels[0] !== "tuya" || levels.length < 3) return undefined;
    const [, meterId = "", branch = "", leaf] = levels;
    const fault = faultOfTopicId(meterId);
    if (fault) return { rejected: fault };
    if (levels.length === 4 && branch.toLowerCase() === "dps" && leaf === "state")
      return decodePoints(message, meterId);
    if (branch === "command") return { ignored: "a command", meterId };
    if (levels.length > 3) return decodePoint(message, meterId, leaf ?? "");
    if (branch === "attributes") return decodePoints(message, meterId);
    if (branch === "state") return decodeRelay(message, { meterId }, "0");
    return branch === "status" ? decodeAvailability(message, { meterId }) : { ignored: "not a measurement", meterId };
  },
};

/** Data points of plugs: milliamperes, tenths of a watt, tenths of a volt. Point 17 is an increment, not a register. */
const newPoints: readonly Field[] = pointsFrom(18);
const oldPoints: readonly Field[] = pointsFrom(4);

function pointsFrom(first: number): readonly Field[] {
  return [
    { name: `${first}`, quantity: "current", meaning: { unit: "A", bareUnit: "mA" } },
    { name: `${first + 1}`, quantity: "power_active", meaning: { unit: "W", times: 0.1 } },
    { name: `${first + 2}`, quantity: "voltage", meaning: { unit: "V", times: 0.1 } },
  ];
}

function decodePoints(message: RawMessage, meterId: string): Decoded {
  const points = message.json();
  if (!isJsonObject(points)) return { rejected: "the payload is not a whole JSON object", meterId };
  const collected: Collected = { readings: [], dropped: [] };
  for (const field of isOldPlug(points) ? oldPoints : newPoints) {
    // Of a light the same points are its switch and colour: only numbers are measurements.
    if (numberIn(points[field.name]) !== undefined) collect(collected, points[field.name], field, {});
  }
  const about: About = { meterId };
  if (typeof points[1] === "boolean") about.relays = { "0": points[1] };
  if (collected.readings.length > 0) about.roles = { "": roleFromName(meterId) ?? "appliance" };
  return outcomeOf(about, collected);
}

/** `DPS/19/state`: one point alone. Only those of newer plugs are nothing else's. */
function decodePoint(message: RawMessage, meterId: string, point: string): Decoded {
  const field = newPoints.find(({ name }) => name === point);
  const isState = message.levels.length === 5 && message.levels[4] === "state";
  if (!field || !isState || !/^\d+$/.test(message.text() ?? "")) return { ignored: "not a measurement", meterId };
  return decodeNumber(message, { meterId, roles: { "": roleFromName(meterId) ?? "appliance" } }, field, {});
}

/** Older plugs use points that lights use too: all three have to be numbers. */
function isOldPlug(points: JsonObject): boolean {
  return oldPoints.every(({ name }) => numberIn(points[name]) !== undefined) && numberIn(points[20]) === undefined;
}
