import type { Decoded, Driver, Phase, RawMessage } from "../driver.ts";
import type { Leaf } from "../leaf-table.ts";
import { decodeLeaf, decodePresence, gauge, leafTable, register } from "../leaf-table.ts";
import { kilovarHours } from "../readings.ts";
import { roleFromName } from "../roles.ts";

/** Modbus meters read by mbmd of the Volkszähler project, and by its predecessor gosdm630. */
export const mbmd: Driver = {
  dialect: "mbmd",
  title: "Modbus meters (mbmd)",
  devices:
    "Eastron SDM, ABB, Janitza, DZG, ORNO, Inepro and other Modbus meters, SunSpec inverters, read by mbmd or gosdm630",
  reads:
    "power, reactive and apparent power, voltage, current, power factor, frequency, THD, energies, by phase and tariff",
  switches: "nothing",
  connect: "mbmd run with --mqtt-broker = the hub's address and --mqtt-topic mbmd",
  decode(message) {
    const { levels } = message;
    if (levels[0] === "mbmd" && levels[1] === "status" && levels.length === 2)
      return decodePresence(message, { meterId: "mbmd" }, ["connected", "disconnected"]);
    return decodeMeasurement(message) ?? decodeIec(message);
  },
};

/** As `sdm630-1` or `sdm630-1-2`: type, number of the device, and number of the part. */
const deviceName = /^[a-z][a-z0-9_]*-\d{1,3}(?:-\d{1,3})?$/;

/** https://github.com/volkszaehler/mbmd/blob/master/meters/measurements.go */
const leaves = leafTable({
  Frequency: gauge("frequency"),
  Current: gauge("current"),
  Voltage: gauge("voltage"),
  Power: gauge("power_active"),
  ReactivePower: gauge("power_reactive"),
  ApparentPower: gauge("power_apparent"),
  Cosphi: gauge("power_factor"),
  THD: gauge("thd_voltage"),
  Import: register("import", "total"),
  Export: register("export", "total"),
  ReactiveImport: { quantity: "energy_reactive", direction: "import", period: "total", meaning: kilovarHours },
  ReactiveExport: { quantity: "energy_reactive", direction: "export", period: "total", meaning: kilovarHours },
});

const others = /^(?:(?:Reactive)?Sum|(?:Im|Ex)portPower|DC\w+|String\d\w+|HeatSinkTemp|ChargeState|BatteryVoltage)$/;

/** `<base>/<device>/Power/L1`: phases and tariffs are on a level of their own. */
function decodeMeasurement(message: RawMessage): Decoded | undefined {
  const { levels } = message;
  const last = levels.at(-1) ?? "";
  const part = last.length === 2 ? /^(?:([LS])([1-3])|T([12]))$/.exec(last) : null;
  const [device = "", name = ""] = part ? levels.slice(-3, -1) : levels.slice(-2);
  const leaf = leaves.get(name);
  const isMbmds = levels[0] === "mbmd" || (leaf !== undefined && deviceName.test(device));
  if (!isMbmds || !(leaf || others.test(name))) return undefined;
  if (!leaf) return { ignored: "no measurement that is read", meterId: device };
  const [, line, number, tariff] = part ?? [];
  if (line === "S") return { ignored: "a voltage between phases, or direct current", meterId: device };
  return decodeLeaf(message, placed(leaf, number, tariff), aboutOf(device));
}

function placed(leaf: Leaf, phase: string | undefined, tariff: string | undefined): Leaf {
  if (phase !== undefined) return { ...leaf, phase: `L${phase}` as Phase };
  return tariff === undefined ? leaf : { ...leaf, period: tariff === "1" ? "tariff1" : "tariff2" };
}

function aboutOf(meterId: string) {
  return { meterId, channelRoles: { "": roleFromName(meterId) ?? "mains" } as const };
}

/** Names in the style of IEC 61850, as gosdm630 sent them. */
const iecLeaves = leafTable({
  VolLoc: gauge("voltage"),
  AmpLoc: gauge("current"),
  WLoc: gauge("power_active"),
  AngLoc: gauge("power_factor"),
  ThdVol: gauge("thd_voltage"),
  TotkWhImport: register("import", "total"),
  TotkWhExport: register("export", "total"),
  Freq: gauge("frequency"),
});

const iecPhases: Readonly<Record<string, Phase>> = { A: "L1", B: "L2", C: "L3" };

/** `<base>/SDM630/Instrument1/WLocPhsB`. */
function decodeIec(message: RawMessage): Decoded | undefined {
  const { levels } = message;
  if (levels.length < 3 || !/^Instrument\d{1,3}$/.test(levels.at(-2) ?? "")) return undefined;
  const [, name = "", letter] = /^([A-Za-z]+?)(?:Phs([ABC]))?$/.exec(levels.at(-1) ?? "") ?? [];
  const leaf = iecLeaves.get(name);
  if (!leaf) return undefined;
  const phase = letter === undefined ? undefined : iecPhases[letter];
  return decodeLeaf(message, { ...leaf, ...(phase && { phase }) }, aboutOf(levels.slice(-3, -1).join("/")));
}
