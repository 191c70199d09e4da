/** What a driver must never say, whatever it is sent: for tests of all drivers. */
import { createDefinitions } from "./definitions.ts";
import type { Decoded, MeterMessage, Reading } from "./driver.ts";
import { quantities } from "./driver.ts";

/** No message of a real meter has so many; a driver that gives more can be made to fill the hub. */
const mostReadings = 500;
const mostMeters = 1_000;
const longestId = 256;

const phases: ReadonlySet<unknown> = new Set([undefined, "L1", "L2", "L3", "N"]);
const directions: ReadonlySet<unknown> = new Set(["import", "export", "net", "produced"]);
const periods: ReadonlySet<unknown> = new Set("total hour today yesterday week month year tariff1 tariff2".split(" "));
const roles: ReadonlySet<unknown> = new Set("mains circuit appliance solar battery ev".split(" "));

/** The faults of an outcome of decoding, as sentences; none when it is sound. */
export function* faultsOf(decoded: Decoded | undefined): Generator<string> {
  if (decoded === undefined) return;
  if ("rejected" in decoded) {
    if (decoded.rejected === "" || decoded.rejected.length > 2_000)
      yield `a rejection of ${decoded.rejected.length} letters`;
    return;
  }
  if ("ignored" in decoded && decoded.ignored === "") yield "ignored without reason";
  if (decoded.defines) {
    const learnt = createDefinitions().learn("any", decoded.defines);
    if ("refused" in learnt) yield `definitions are refused: ${learnt.refused}`;
  }
  const meters = "meters" in decoded ? decoded.meters : [];
  if (meters.length > mostMeters) yield `${meters.length} meters`;
  for (const meter of meters) yield* faultsOfMeter(meter);
}

function* faultsOfMeter(meter: MeterMessage): Generator<string> {
  const { meterId, alias = "", name = "", model = "", firmware = "", mac, time, signalDbm, uptimeS, readings } = meter;
  if (meterId === "") yield "an empty meterId";
  if (meterId.length > longestId || alias.length > longestId) yield `an id of ${meterId.length} letters`;
  if (/\p{Cc}/u.test(meterId + alias + name + model + firmware)) yield "a control character in a name";
  if (mac !== undefined && !/^[0-9A-F]{12}$/.test(mac)) yield `mac ${mac}`;
  if (time && "timeMs" in time && !Number.isSafeInteger(time.timeMs)) yield `time ${time.timeMs}`;
  for (const number of [signalDbm, uptimeS]) if (number !== undefined && !Number.isFinite(number)) yield `${number}`;
  for (const role of Object.values(meter.roles ?? {})) if (!roles.has(role)) yield `role ${role}`;
  for (const closed of Object.values(meter.relays ?? {})) if (typeof closed !== "boolean") yield `relay ${closed}`;
  if (readings.length > mostReadings) yield `${readings.length} readings`;
  for (const reading of readings) yield* faultsOfReading(reading);
}

function* faultsOfReading({ quantity, value, channel = "", phase, direction, period }: Reading): Generator<string> {
  const isEnergy = quantity.startsWith("energy_");
  if (!Object.hasOwn(quantities, quantity)) yield `quantity ${quantity}`;
  if (!Number.isFinite(value)) yield `${quantity} ${value}`;
  if (channel.length > longestId) yield `a channel of ${channel.length} letters`;
  if (!phases.has(phase)) yield `phase ${phase}`;
  const isRegister = directions.has(direction) && periods.has(period);
  if (isEnergy ? !isRegister : direction !== undefined || period !== undefined)
    yield `${quantity} with direction ${direction} and period ${period}`;
}
