import type { Decoded, Driver } from "../driver.ts";
import type { Roles } from "../leaf-table.ts";
import { gauge, leafTable, outcome, readLeaves, registerWh, whyNoObject } from "../leaf-table.ts";
import type { Collected, JsonObject } from "../readings.ts";
import { isJsonObject } from "../readings.ts";

/** The power flow of Fronius inverters (Solar API v1), published to MQTT by a bridge as it is. */
export const fronius: Driver = {
  dialect: "fronius",
  title: "Fronius inverters",
  devices: "Fronius Primo, Symo, GEN24, Tauro with a Smart Meter, through a bridge to MQTT",
  reads: "power of grid, home, solar and battery, energy of today, year and in total, state of charge",
  switches: "nothing",
  connect: "let a bridge publish GetPowerFlowRealtimeData of the inverter, or its Site alone, to fronius/powerflow",
  decode(message) {
    const [root = "", leaf = ""] = message.levels.slice(-2);
    if (!/fronius/i.test(root) || !/^powerflow/i.test(leaf)) return undefined;
    const body = message.json();
    const meterId = message.levels.slice(0, -1).join("/");
    return isJsonObject(body) ? decodeSite(siteOf(body), meterId) : { rejected: whyNoObject(message), meterId };
  },
};

const roles: Roles = { grid: "mains", load: "circuit", pv: "solar", battery: "battery" };

/**
 * Fronius Solar API v1, 4.13: what flows to the home or into the battery is negative, what comes from the grid or the
 * panels is positive. Energies are in Wh.
 */
const leaves = leafTable({
  P_Grid: gauge("power_active", { channel: "grid" }),
  P_Load: { quantity: "power_active", channel: "load", meaning: { unit: "W", times: -1 } },
  P_PV: gauge("power_active", { channel: "pv" }),
  P_Akku: { quantity: "power_active", channel: "battery", meaning: { unit: "W", times: -1 } },
  E_Day: registerWh("produced", "today", { channel: "pv" }),
  E_Year: registerWh("produced", "year", { channel: "pv" }),
  E_Total: registerWh("produced", "total", { channel: "pv" }),
  SOC: gauge("soc", { channel: "battery" }),
});

/** The whole answer, its data, or the site alone. */
function siteOf(body: JsonObject): JsonObject {
  const answer = isJsonObject(body.Body) ? body.Body : body;
  const data = isJsonObject(answer.Data) ? answer.Data : answer;
  return isJsonObject(data.Site) ? data.Site : data;
}

function decodeSite(site: JsonObject, meterId: string): Decoded {
  const collected: Collected = { readings: [], dropped: [] };
  readLeaves(site, leaves, collected);
  return outcome({ meterId, channelRoles: roles }, collected);
}
