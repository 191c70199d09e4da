import type { Decoded, Driver, RawMessage } from "../driver.ts";
import type { Roles } from "../leaf-table.ts";
import { decodeLeaf, gauge, leafTable, register, repeating } from "../leaf-table.ts";

/** Hybrid inverters and batteries that a SolarAssistant box reads. */
export const solarAssistant: Driver = {
  dialect: "solar-assistant",
  title: "SolarAssistant",
  devices:
    "inverters and batteries read by SolarAssistant (Axpert, Deye, Sunsynk, Growatt, Luxpower, Victron and others)",
  reads: "power of grid, load, solar and battery, voltages, frequency, energies, state of charge",
  switches: "nothing",
  connect: "in SolarAssistant: Configuration › MQTT broker, bridge it to the hub",
  decode(message) {
    const [root, device = "", leaf = "", action] = message.levels;
    if (root !== "solar_assistant" || message.levels.length < 3) return undefined;
    const meterId = `${root}/${device}`;
    if (action === "set" || device === "set") return { ignored: "a command", meterId };
    if (action !== "state" || message.levels.length !== 4) return { ignored: "no measurement", meterId };
    return decodeState(message, meterId, device, leaf);
  },
};

const inverterRoles: Roles = { grid: "mains", load: "circuit", pv: "solar", battery: "battery" };

/** The power from the grid is positive on import. */
const inverterLeaves = leafTable({
  grid_power: gauge("power_active", { channel: "grid" }),
  grid_voltage: gauge("voltage", { channel: "grid" }),
  grid_frequency: gauge("frequency", { channel: "grid" }),
  load_power: gauge("power_active", { channel: "load" }),
  load_apparent_power: gauge("power_apparent", { channel: "load" }),
  ac_output_voltage: gauge("voltage", { channel: "load" }),
  ac_output_frequency: gauge("frequency", { channel: "load" }),
  pv_power: gauge("power_active", { channel: "pv" }),
  battery_voltage: gauge("voltage", { channel: "battery" }),
  battery_current: gauge("current", { channel: "battery" }),
});

/** Counted over all inverters only, whose powers are integrated one by one. */
const totalLeaves = leafTable({
  pv_energy: register("produced", "total", { channel: "pv" }),
  grid_energy_in: register("import", "total", { channel: "grid" }),
  grid_energy_out: register("export", "total", { channel: "grid" }),
  load_energy: register("import", "total", { channel: "load" }),
});

/** A battery's power is positive while it is charged. */
const batteryLeaves = leafTable({
  power: gauge("power_active"),
  voltage: gauge("voltage"),
  current: gauge("current"),
  state_of_charge: gauge("soc"),
  energy_in: register("import", "total"),
  energy_out: register("export", "total"),
});

/** Of `total` the battery is read, which is no part of an inverter; the rest repeats inverters, which are counted one by one. */
function decodeState(message: RawMessage, meterId: string, device: string, name: string): Decoded {
  const isTotal = device === "total";
  const isBattery = device.startsWith("battery") || (isTotal && name.startsWith("battery_"));
  const others = isTotal ? (totalLeaves.get(name) ?? inverterLeaves.get(name)) : inverterLeaves.get(name);
  const leaf = isBattery ? batteryLeaves.get(name.replace(/^battery_/, "")) : others;
  if (!leaf) return { ignored: "no measurement", meterId };
  const decoded = decodeLeaf(message, leaf, { meterId, channelRoles: isBattery ? { "": "battery" } : inverterRoles });
  return isTotal && !isBattery ? repeating(decoded) : decoded;
}
