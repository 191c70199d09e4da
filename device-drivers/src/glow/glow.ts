import type { Decoded, Driver, Period, RawMessage } from "../driver.ts";
import { faultOfTopicId, readMac } from "../ids.ts";
import { facts, factsOf, outcome, whyNoObject } from "../leaf-table.ts";
import type { Collected, Field, JsonObject } from "../readings.ts";
import { collect, isJsonObject } from "../readings.ts";
import { numberIn } from "../slot.ts";
import { readTime } from "../time.ts";

/** In-home displays of Hildebrand for British smart meters (SMETS2). */
export const glow: Driver = {
  dialect: "glow",
  title: "Hildebrand Glow displays",
  devices: "Hildebrand Glow CAD and IHD with local MQTT, on SMETS2 smart meters",
  reads: "power, energy from and to the grid in total, of today, week and month",
  switches: "nothing",
  connect: "order local MQTT from Hildebrand, then in the display's settings: MQTT, the hub's address",
  decode(message) {
    const [root, meterId = "", kind, leaf] = message.levels;
    if (root !== "glow" || kind === undefined || message.levels.length > 4) return undefined;
    const fault = faultOfTopicId(meterId);
    if (fault) return { rejected: fault };
    if (kind === "STATE") return decodeState(message, meterId);
    if (kind !== "SENSOR") return { ignored: "no measurement", meterId };
    if (leaf === "gasmeter") return { ignored: "gas", meterId };
    return leaf === "electricitymeter" ? decodeMeter(message, meterId) : { ignored: "no measurement", meterId };
  },
};

/** What a display sends while it has no connection to the meter: the least number of 24 bits, in thousandths. */
const lostConnectionKw = -8388.608;

const power: Field = { name: "power.value", quantity: "power_active" };

const periods: readonly (readonly [key: string, period: Period])[] = [
  ["cumulative", "total"],
  ["day", "today"],
  ["week", "week"],
  ["month", "month"],
];

function decodeMeter(message: RawMessage, meterId: string): Decoded {
  const body = message.json();
  const meter = isJsonObject(body) ? body.electricitymeter : undefined;
  if (!isJsonObject(meter))
    return { rejected: isJsonObject(body) ? "it has no electricitymeter" : whyNoObject(message), meterId };
  const collected: Collected = { readings: [], dropped: [] };
  const energy = isJsonObject(meter.energy) ? meter.energy : {};
  readRegisters(energy.export, "export", collected);
  readRegisters(energy.import, "import", collected);
  if (isJsonObject(meter.power)) readPower(meter.power, collected);
  const time = readTime(meter.timestamp);
  const mac = readMac(meterId);
  return outcome(
    {
      meterId,
      channelRoles: { "": "mains" },
      ...(mac !== undefined && { mac }),
      ...(time && !("why" in time) && { time }),
    },
    collected,
  );
}

function readRegisters(registers: unknown, direction: "import" | "export", collected: Collected): void {
  if (!isJsonObject(registers)) return;
  const bareUnit = typeof registers.units === "string" ? registers.units : "kWh";
  for (const [key, period] of periods) {
    const field: Field = { name: `${direction}.${key}`, quantity: "energy_active", meaning: { unit: "Wh", bareUnit } };
    // A supply that never imported has no display: a zero is what is sent before the meter was read.
    const isUnread = direction === "import" && key === "cumulative" && !((numberIn(registers[key]) ?? 1) > 0);
    if (isUnread) collected.dropped.push(`${field.name}: the display has not read the meter yet`);
    else collect(collected, registers[key], field, { direction, period });
  }
}

function readPower({ value, units }: JsonObject, collected: Collected): void {
  if ((numberIn(value) ?? 0) <= lostConnectionKw) {
    collected.dropped.push(`${power.name}: the display has lost its meter`);
    return;
  }
  const bareUnit = typeof units === "string" ? units : "kW";
  collect(collected, value, { ...power, meaning: { unit: "W", bareUnit } }, {});
}

/** What the display says of itself. */
function decodeState(message: RawMessage, meterId: string): Decoded {
  const body = message.json();
  if (!isJsonObject(body)) return { rejected: whyNoObject(message), meterId };
  return facts({ meterId, ...factsOf({ model: body.hardware, firmware: body.software }) });
}
