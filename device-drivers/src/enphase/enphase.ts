import type { Decoded, Driver, Phase } from "../driver.ts";
import type { Roles } from "../leaf-table.ts";
import { gauge, leafTable, outcome, readLeaves, whyNoObject } from "../leaf-table.ts";
import type { Collected, JsonObject } from "../readings.ts";
import { isJsonObject } from "../readings.ts";
import { numberIn } from "../slot.ts";

/** The live stream of an Enphase Envoy (IQ Gateway), published to MQTT by a bridge as it is. */
export const enphase: Driver = {
  dialect: "enphase",
  title: "Enphase Envoy (IQ Gateway)",
  devices: "Envoy-S Metered and IQ Gateway Metered, through a bridge such as envoy_to_mqtt_json",
  reads:
    "power, reactive and apparent power, voltage, current, power factor, frequency by phase, of solar, grid and home",
  switches: "nothing",
  connect: "run a bridge that publishes /stream/meter or /production.json of the Envoy to the topic /envoy/json",
  decode(message) {
    const { levels } = message;
    if (levels.at(-1) !== "json" || !/envoy/i.test(levels.at(-2) ?? "")) return undefined;
    const meterId = levels.at(-2) ?? "";
    const body = message.json();
    if (!isJsonObject(body)) return { rejected: whyNoObject(message), meterId };
    return decodeStream(body, meterId);
  },
};

const roles: Roles = { production: "solar", grid: "mains", load: "circuit" };

/** Of the home's use, `net` is what comes from the grid and `total` is all. */
const meters = [
  { key: "production", channel: "production" },
  { key: "net-consumption", channel: "grid" },
  { key: "total-consumption", channel: "load" },
];

const phases: readonly (readonly [key: string, phase: Phase])[] = [
  ["ph-a", "L1"],
  ["ph-b", "L2"],
  ["ph-c", "L3"],
];

/** Below this a phase is not wired: what it shows is noise. */
const leastVoltageV = 20;

function decodeStream(body: JsonObject, meterId: string): Decoded {
  const collected: Collected = { readings: [], dropped: [] };
  for (const { key, channel } of meters) {
    const meter = body[key];
    if (isJsonObject(meter)) readMeter(meter, channel, collected);
  }
  return outcome({ meterId, channelRoles: roles }, collected);
}

function readMeter(meter: JsonObject, channel: string, collected: Collected): void {
  const isWired = phases.map(([key]) => {
    const phase = meter[key];
    return isJsonObject(phase) && (numberIn(phase.v) ?? 0) >= leastVoltageV;
  });
  // When none is wired it is an outage, which is worth reading.
  const isOutage = !isWired.includes(true);
  for (const [i, [key, phase]] of phases.entries()) {
    const values = meter[key];
    if (isJsonObject(values) && (isWired[i] || isOutage)) readLeaves(values, leavesOf(channel, phase), collected);
  }
}

function leavesOf(channel: string, phase: Phase) {
  const place = { channel, phase };
  return leafTable({
    p: gauge("power_active", place),
    q: gauge("power_reactive", place),
    s: gauge("power_apparent", place),
    v: gauge("voltage", place),
    i: gauge("current", place),
    pf: gauge("power_factor", place),
    f: gauge("frequency", place),
  });
}
