import type { Role } from "../driver.ts";
import type { LeafTable } from "../leaf-table.ts";
import { gauge, leafTable, registerWh } from "../leaf-table.ts";

/** A kind of component: its single values, and its lists with one item a phase. */
export interface Component2 {
  leaves: LeafTable;
  lists: LeafTable;
  role: Role;
}

const lists = leafTable({
  powers: gauge("power_active"),
  currents: gauge("current"),
  voltages: gauge("voltage"),
  power_factors: gauge("power_factor"),
});

const meterLeaves = leafTable({
  power: gauge("power_active"),
  frequency: gauge("frequency"),
  imported: registerWh("import", "total"),
  exported: registerWh("export", "total"),
});

/** What solar panels give is negative. */
const solarLeaves = leafTable({
  power: { quantity: "power_active", meaning: { unit: "W", times: -1 } },
  exported: registerWh("produced", "total"),
  daily_exported: registerWh("produced", "today"),
  monthly_exported: registerWh("produced", "month"),
  yearly_exported: registerWh("produced", "year"),
});

const batteryLeaves = leafTable({
  power: gauge("power_active"),
  soc: gauge("soc"),
  imported: registerWh("import", "total"),
  exported: registerWh("export", "total"),
});

/** By the second level of the topic; the first counter of a system is at the supply. */
export const componentsOf2: ReadonlyMap<string, Component2> = new Map<string, Component2>([
  ["counter", { leaves: meterLeaves, lists, role: "mains" }],
  ["chargepoint", { leaves: meterLeaves, lists, role: "ev" }],
  ["pv", { leaves: solarLeaves, lists: leafTable({ currents: gauge("current") }), role: "solar" }],
  ["bat", { leaves: batteryLeaves, lists: leafTable({}), role: "battery" }],
]);
