import type { Decoded, Direction, Driver, RawMessage } from "../driver.ts";
import type { About, LeafTable, Roles } from "../leaf-table.ts";
import { decodeValue, facts, factsOf, gauge, leafTable, register, takePhase, whyNoObject } from "../leaf-table.ts";
import { isJsonObject } from "../readings.ts";

/** GX devices with Venus OS: Cerbo GX, Ekrano GX, Venus GX, a Raspberry Pi with Venus OS. */
export const victron: Driver = {
  dialect: "victron",
  title: "Victron GX devices (Venus OS)",
  devices:
    "Cerbo GX, Ekrano GX, Venus GX, MultiPlus, Quattro, MPPT solar chargers, SmartShunt, EV Charging Station, grid meters",
  reads:
    "power, voltage, current, frequency and energy of grid meters, PV and battery inverters, chargers, loads and batteries",
  switches: "nothing",
  connect: "enable MQTT on the GX device, bridge its broker to the hub, and publish R/<portal id>/keepalive every 30 s",
  decode(message) {
    const [kind, portal = "", service, instance] = message.levels;
    if ((kind !== "N" && kind !== "R" && kind !== "W") || !isPortal.test(portal)) return undefined;
    if (kind !== "N") return { ignored: "a request", meterId: portal };
    if (service === undefined) return undefined;
    const read = services.get(service);
    if (!read || instance === undefined || !/^\d{1,6}$/.test(instance)) return decodeOther(message, portal);
    return decodeService(message, `${portal}/${service}/${instance}`, read);
  },
};

/** The id of an installation is the MAC address of its GX device. */
const isPortal = /^[0-9a-f]{12}$/i;

/** What a D-Bus service measures. */
interface Service {
  leaves: LeafTable;
  channelRoles: Roles;
}

/** The paths of energy meters, see https://github.com/victronenergy/venus/wiki/dbus; single phases are looked up without their level. */
function meterLeaves(forward: Direction): LeafTable {
  return leafTable({
    "Ac/Power": gauge("power_active"),
    "Ac/Voltage": gauge("voltage"),
    "Ac/Current": gauge("current"),
    "Ac/Frequency": gauge("frequency"),
    "Ac/PowerFactor": gauge("power_factor"),
    "Ac/Energy/Forward": register(forward, "total"),
    ...(forward === "import" && { "Ac/Energy/Reverse": register("export", "total") }),
  });
}

/** An inverter with a battery stands between the grid (`in`) and what it supplies (`out`). */
const inverterLeaves = leafTable({
  ...alternatingCurrent("Ac/ActiveIn", "in"),
  ...alternatingCurrent("Ac/In/1", "in"),
  ...alternatingCurrent("Ac/Out", "out"),
  "Yield/Power": gauge("power_active", { channel: "pv" }),
  "Yield/User": register("produced", "total", { channel: "pv" }),
  "History/Daily/0/Yield": register("produced", "today", { channel: "pv" }),
  "History/Daily/1/Yield": register("produced", "yesterday", { channel: "pv" }),
});

function alternatingCurrent(path: string, channel: string) {
  return {
    [`${path}/P`]: gauge("power_active", { channel }),
    [`${path}/S`]: gauge("power_apparent", { channel }),
    [`${path}/V`]: gauge("voltage", { channel }),
    [`${path}/I`]: gauge("current", { channel }),
    [`${path}/F`]: gauge("frequency", { channel }),
  };
}

/** A battery's power is positive while it is charged. */
const batteryLeaves = leafTable({
  "Dc/0/Power": gauge("power_active"),
  "Dc/0/Voltage": gauge("voltage"),
  "Dc/0/Current": gauge("current"),
  Soc: gauge("soc"),
  "History/ChargedEnergy": register("import", "total"),
  "History/DischargedEnergy": register("export", "total"),
});

const chargerLeaves = leafTable({
  "Yield/Power": gauge("power_active"),
  "Yield/User": register("produced", "total"),
  "History/Daily/0/Yield": register("produced", "today"),
  "History/Daily/1/Yield": register("produced", "yesterday"),
});

const carChargerLeaves = leafTable({
  "Ac/Power": gauge("power_active"),
  "Ac/Voltage": gauge("voltage"),
  Current: gauge("current"),
  "Ac/Energy/Forward": register("import", "total"),
});

const inverterRoles: Roles = { in: "mains", out: "circuit", pv: "solar" };

/** Services that measure; `system` repeats and adds up what they say. */
const services: ReadonlyMap<string, Service> = new Map<string, Service>([
  ["grid", { leaves: meterLeaves("import"), channelRoles: { "": "mains" } }],
  ["genset", { leaves: meterLeaves("import"), channelRoles: { "": "mains" } }],
  ["acload", { leaves: meterLeaves("import"), channelRoles: { "": "circuit" } }],
  ["heatpump", { leaves: meterLeaves("import"), channelRoles: { "": "appliance" } }],
  ["pvinverter", { leaves: meterLeaves("produced"), channelRoles: { "": "solar" } }],
  ["evcharger", { leaves: carChargerLeaves, channelRoles: { "": "ev" } }],
  ["vebus", { leaves: inverterLeaves, channelRoles: inverterRoles }],
  ["multi", { leaves: inverterLeaves, channelRoles: inverterRoles }],
  ["solarcharger", { leaves: chargerLeaves, channelRoles: { "": "solar" } }],
  ["battery", { leaves: batteryLeaves, channelRoles: { "": "battery" } }],
]);

/** Settings, sums and the protocol's own messages; their values may be anything. */
function decodeOther(message: RawMessage, portal: string): Decoded {
  const isRead = message.payload.length === 0 || message.json() !== undefined;
  return isRead
    ? { ignored: "no measurement of a device", meterId: portal }
    : { rejected: "the payload is not whole JSON", meterId: portal };
}

function decodeService(message: RawMessage, meterId: string, { leaves, channelRoles }: Service): Decoded {
  const about: About = { meterId, channelRoles };
  // A device that vanished: each of its topics is sent once more, empty.
  if (message.payload.length === 0) return facts({ meterId, availability: "offline" });
  const body = message.json();
  if (!isJsonObject(body)) return { rejected: whyNoObject(message), meterId };
  const { key, phase } = takePhase(message.levels.slice(4));
  const leaf = leaves.get(key);
  const isInvalid = body.value === null || Array.isArray(body.value); // old firmware sent an empty list for null
  if (isInvalid || body.value === undefined) return { ignored: "a value that is not known", meterId };
  if (leaf) return decodeValue(body.value, { ...leaf, ...(phase && { phase }) }, about);
  return decodeFact(key, body.value, meterId);
}

/** What the device says of itself. */
function decodeFact(key: string, value: unknown, meterId: string): Decoded {
  if (key === "CustomName") return facts({ meterId, ...factsOf({ name: value }) });
  if (key === "ProductName") return facts({ meterId, ...factsOf({ model: value }) });
  if (key === "Connected" && value === 0) return facts({ meterId, availability: "offline" });
  return { ignored: "no measurement", meterId };
}
