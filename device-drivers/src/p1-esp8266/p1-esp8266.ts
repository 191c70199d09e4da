import type { Driver } from "../driver.ts";
import {
  decodeLeaf,
  exportChannel,
  exportPower,
  gauge,
  leafTable,
  registerWh,
  supplyRoles,
  takePhase,
} from "../leaf-table.ts";

/** The sketch `esp8266_p1meter` and its forks on the P1 port of a smart meter. */
export const p1Esp8266: Driver = {
  dialect: "p1-esp8266",
  title: "esp8266_p1meter",
  devices: "an ESP8266 with the sketch esp8266_p1meter on the P1 port of a smart meter",
  reads: "power, current and power by phase, energy from and to the grid by tariff",
  switches: "nothing",
  connect: "in the sketch's Wi-Fi portal: the hub's address; keep p1meter in the topic",
  decode(message) {
    const [meterId = "", name = ""] = message.levels.slice(-2);
    if (meterId !== "p1meter" || message.levels.length < 2) return undefined;
    const { key, phase } = takePhase(name.split(/(?<=^l[123])_/));
    const leaf = leaves.get(key);
    if (!leaf) return { ignored: otherNames.get(key) ?? "no measurement", meterId };
    return decodeLeaf(message, { ...leaf, ...(phase && { phase }) }, { meterId, channelRoles: supplyRoles });
  },
};

/** All numbers are a thousand times those of the meter: Wh, W, mA. Phases are looked up without their level. */
const leaves = leafTable({
  consumption_low_tarif: registerWh("import", "tariff1"),
  consumption_high_tarif: registerWh("import", "tariff2"),
  returndelivery_low_tarif: registerWh("export", "tariff1", { channel: exportChannel }),
  returndelivery_high_tarif: registerWh("export", "tariff2", { channel: exportChannel }),
  actual_consumption: gauge("power_active"),
  actual_returndelivery: exportPower(),
  instant_power_usage: gauge("power_active"),
  // Of a meter with one phase the first versions sent one current, which is that of L1.
  instant_power_current: { quantity: "current", phase: "L1", meaning: { unit: "A", bareUnit: "mA" } },
});

const otherNames: ReadonlyMap<string, string> = new Map([
  ["voltage", "volts in some versions and millivolts in others"],
  ["gas_meter_m3", "gas"],
]);
