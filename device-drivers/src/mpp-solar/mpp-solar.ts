import type { Decoded, Driver, RawMessage } from "../driver.ts";
import type { Roles } from "../leaf-table.ts";
import { decodeLeaf, gauge, leafTable } from "../leaf-table.ts";

/** Voltronic inverters (Axpert, MPP Solar, PIP) read by the mpp-solar program with its `mqtt` output. */
export const mppSolar: Driver = {
  dialect: "mpp-solar",
  title: "Voltronic inverters (mpp-solar)",
  devices: "Axpert, MPP Solar, PIP, EASun and other inverters of Voltronic, read by mpp-solar",
  reads: "voltage and frequency of grid and load, power of load and solar, voltage and charge of the battery",
  switches: "nothing",
  connect: "run mpp-solar -c QPIGS -o mqtt -q with the hub's address",
  decode(message) {
    const { levels } = message;
    const [command = "", status, name = "", part] = levels.slice(-4);
    if (status !== "status" || (part !== "value" && part !== "unit") || !/^Q[A-Z0-9]{2,9}$/.test(command))
      return undefined;
    const meterId = levels.slice(0, -3).join("/");
    return part === "unit" ? { ignored: "the unit of another topic", meterId } : decodeField(message, meterId, name);
  },
};

const roles: Roles = { grid: "mains", load: "circuit", pv: "solar", battery: "battery" };

const leaves = leafTable({
  ac_input_voltage: gauge("voltage", { channel: "grid" }),
  ac_input_frequency: gauge("frequency", { channel: "grid" }),
  ac_output_voltage: gauge("voltage", { channel: "load" }),
  ac_output_frequency: gauge("frequency", { channel: "load" }),
  ac_output_apparent_power: gauge("power_apparent", { channel: "load" }),
  ac_output_active_power: gauge("power_active", { channel: "load" }),
  pv_input_power: gauge("power_active", { channel: "pv" }),
  battery_voltage: gauge("voltage", { channel: "battery" }),
  battery_capacity: gauge("soc", { channel: "battery" }),
});

function decodeField(message: RawMessage, meterId: string, name: string): Decoded {
  const leaf = leaves.get(name);
  return leaf ? decodeLeaf(message, leaf, { meterId, channelRoles: roles }) : { ignored: "no measurement", meterId };
}
