/** Smart meters that Tasmota reads by a script (SML, Modbus, pulses): objects and keys are what its author called them. */
import type { Direction, Period, Phase, Quantity } from "../driver.ts";
import { withoutRepeats } from "../outcome.ts";
import type { Collected, JsonObject, Place } from "../readings.ts";
import { collect, isJsonObject, kilowattHours } from "../readings.ts";

interface SmlKey {
  quantity: Quantity;
  place: Place;
  /** Nothing but a smart meter has such a key. */
  isSure: boolean;
}

const instants: ReadonlyMap<string, Quantity> = new Map(
  Object.entries({
    power_active:
      "power power_curr curr_power power_total total_power power_active active_power watt watts leistung watt_summe p_total",
    power_apparent: "power_apparent apparent_power",
    power_reactive: "power_reactive reactive_power",
    power_factor: "power_factor pf cosphi factor",
    voltage: "volt voltage spannung u",
    current: "curr current amp amps amperage stromstaerke i",
    frequency: "freq frequency frequenz hz",
  } satisfies Partial<Record<Quantity, string>>).flatMap(([quantity, words]) =>
    words.split(" ").map((word) => [word, quantity as Quantity] as const),
  ),
);

const registers: ReadonlyMap<string, Direction> = new Map([
  ..."total_in e_in energy_in total_import import bezug verbrauch verbrauch_summe zaehlerstand total_consumption consumption"
    .split(" ")
    .map((word) => [word, "import"] as const),
  ..."total_out e_out energy_out total_export export einspeisung einspeisung_summe lieferung total_feed feed_in"
    .split(" ")
    .map((word) => [word, "export"] as const),
]);

const sureInstants: ReadonlySet<string> = new Set(["power_curr", "power_total"]);

/** Names of objects that say that their values are a smart meter's. */
const meterNames = /^$|^(?:sml|obis|grid|mains?|netz|strom|haus|hichi)|meter|z(?:ä|ae?)hler/i;

/** Reads every object of a SENSOR message that is a smart meter's; false when there is none. */
export function readSml(body: JsonObject, collected: Collected): boolean {
  const meters = Object.entries(body)
    .slice(0, 50)
    .filter((entry): entry is [string, JsonObject] => isSmartMeter(...entry));
  for (const [name, values] of meters) {
    const channel = meters.length > 1 ? { channel: name.slice(0, 64) || "0" } : {};
    for (const key of keysOf(values)) {
      const known = parseKey(key);
      if (!known) continue;
      const { quantity, place } = known;
      const isEnergy = quantity === "energy_active";
      const field = { name: key.slice(0, 40), quantity, ...(isEnergy && { meaning: kilowattHours }) };
      collect(collected, values[key], field, { ...channel, ...place });
    }
  }
  collected.readings = withoutRepeats(collected.readings);
  return meters.length > 0;
}

function isSmartMeter(name: string, values: unknown): boolean {
  if (!isJsonObject(values) || name === "ENERGY") return false;
  const known = keysOf(values).map(parseKey);
  return known.some((key) => key?.isSure) || (meterNames.test(name) && known.some((key) => key));
}

function keysOf(values: JsonObject): string[] {
  return Object.keys(values).slice(0, 100);
}

const phases: readonly Phase[] = ["L1", "L2", "L3"];

/** `Volt_p1`, `Total_in_T2`, `Power_curr`; or `L3` alone, which is the phase's power. */
function parseKey(key: string): SmlKey | undefined {
  const words = key
    .slice(0, 64)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_");
  const [, base = words, , number] = /^(?:(.+?)_)?(p|l|phase_?)([123])$/.exec(words) ?? [];
  const phase = phases[Number(number) - 1];
  if (phase && base === words) return { quantity: "power_active", place: { phase }, isSure: false };
  const quantity = instants.get(base);
  if (quantity)
    return { quantity, place: phase ? { phase } : {}, isSure: sureInstants.has(base) || phase !== undefined };
  return phase ? registerKey(base, { phase }) : registerKey(words, {});
}

function registerKey(words: string, place: Place): SmlKey | undefined {
  const [, base = words, tariff] = /^(.+?)_(?:t|tarif_?|tariff_?)?([12])$/.exec(words) ?? [];
  const direction = registers.get(base);
  if (!direction) return undefined;
  const period: Period = tariff === "1" ? "tariff1" : tariff === "2" ? "tariff2" : "total";
  return { quantity: "energy_active", place: { ...place, direction, period }, isSure: true };
}
