import type { Decoded, Driver } from "../driver.ts";
import type { About, LeafTable } from "../leaf-table.ts";
import { factsOf, gauge, leafTable, outcome, readLeaves, registerWh, whyNoObject } from "../leaf-table.ts";
import type { Collected, JsonObject } from "../readings.ts";
import { isJsonObject } from "../readings.ts";

/** SolarEdge inverters and other SunSpec devices read over Modbus by solaredge2mqtt. */
export const sunSpecJson: Driver = {
  dialect: "sunspec-json",
  title: "SolarEdge inverters (solaredge2mqtt)",
  devices: "SolarEdge inverters, meters and batteries read over Modbus TCP by solaredge2mqtt",
  reads: "power, reactive and apparent power, voltage and current by phase, frequency, energies, state of charge",
  switches: "nothing",
  connect: "run solaredge2mqtt with the hub's address as its MQTT broker, topic prefix solaredge",
  decode(message) {
    const { levels } = message;
    const at = levels.indexOf("modbus");
    const component = levels[at + 1] ?? "";
    const read = /^(inverter|meter|battery)/.exec(component)?.[1];
    if (at < 1 || read === undefined) return undefined;
    const base = levels.slice(0, at).join("/");
    // Without a number there is one meter, that at the supply; what else the bridge reads has an id of its own.
    const rest = levels.slice(at + 1).join("/");
    const meterId = rest === "meter" ? base : `${base}/${rest}`;
    const body = message.json();
    if (!isJsonObject(body)) return { rejected: whyNoObject(message), meterId };
    return decodeComponent(body, components[read as keyof typeof components], meterId);
  },
};

interface Component {
  role: "mains" | "solar" | "battery";
  /** The values of each group, "" for those outside of groups. */
  groups: Readonly<Record<string, LeafTable>>;
}

const currents = leafTable({
  actual: gauge("current"),
  l1: gauge("current", { phase: "L1" }),
  l2: gauge("current", { phase: "L2" }),
  l3: gauge("current", { phase: "L3" }),
});

/** Of a phase to the neutral; between two phases it is `l1`. */
const voltages = leafTable({
  l1n: gauge("voltage", { phase: "L1" }),
  l2n: gauge("voltage", { phase: "L2" }),
  l3n: gauge("voltage", { phase: "L3" }),
});

const powers = {
  reactive: gauge("power_reactive"),
  apparent: gauge("power_apparent"),
  factor: { quantity: "power_factor", meaning: { unit: "", bareUnit: "%" } },
} as const;

const components = {
  meter: {
    role: "mains",
    groups: {
      // A meter of SolarEdge counts what flows to the grid as positive, see `consumption` in solaredge2mqtt's powerflow.
      power: leafTable({ actual: { quantity: "power_active", meaning: { unit: "W", times: -1 } }, ...powers }),
      "": leafTable({ frequency: gauge("frequency") }),
      current: currents,
      voltage: voltages,
      energy: leafTable({
        totalexport: registerWh("export", "total"),
        totalimport: registerWh("import", "total"),
      }),
    },
  },
  inverter: {
    role: "solar",
    groups: {
      "ac.power": leafTable({ actual: gauge("power_active"), ...powers }),
      ac: leafTable({ frequency: gauge("frequency") }),
      "ac.current": currents,
      "ac.voltage": voltages,
      "": leafTable({ energytotal: registerWh("produced", "total") }),
    },
  },
  battery: {
    role: "battery",
    groups: {
      "": leafTable({
        power: gauge("power_active"),
        voltage: gauge("voltage"),
        current: gauge("current"),
        state_of_charge: gauge("soc"),
      }),
    },
  },
} satisfies Record<string, Component>;

function decodeComponent(body: JsonObject, { role, groups }: Component, meterId: string): Decoded {
  const collected: Collected = { readings: [], dropped: [] };
  for (const [path, leaves] of Object.entries(groups)) {
    const group = groupOf(body, path);
    if (group) readLeaves(group, leaves, collected);
  }
  const info = isJsonObject(body.info) ? body.info : {};
  const about: About = {
    meterId,
    channelRoles: { "": role },
    ...factsOf({ model: info.model, firmware: info.version }),
  };
  return outcome(about, collected);
}

function groupOf(body: JsonObject, path: string): JsonObject | undefined {
  let group: unknown = body;
  for (const key of path === "" ? [] : path.split(".")) group = isJsonObject(group) ? group[key] : undefined;
  return isJsonObject(group) ? group : undefined;
}
