/** Which meter is on which appliance: the one place that decides what this home has. */

import { hash, seedFor } from "../model/random.ts";
import type { SwitchedHome } from "../model/switches.ts";
import type { ApplianceMeter } from "./appliance.ts";
import { type Device, macAddress } from "./device.ts";
import { createShellyClamp, createShellyPlug } from "./shelly.ts";
import { createMainsMeter, createSolarInverter } from "./standard-meter.ts";
import { createTasmota } from "./tasmota.ts";

const espressif = "DC4F22";
const allterco = "80646F";

type Maker = (meter: ApplianceMeter) => Device;

/** Lights, kettle, microwave and standby have no meter: people see them as the rest. */
const meters: [ApplianceMeter["load"], string, string, Maker][] = [
  ["ev", "เครื่องชาร์จรถ", allterco, createShellyClamp],
  ["fridge", "ตู้เย็น", allterco, createShellyPlug],
  ["washing_machine", "เครื่องซักผ้า", allterco, createShellyPlug],
  ["water_pump", "ปั๊มน้ำ", allterco, createShellyPlug],
  ["ac_living", "แอร์ห้องนั่งเล่น", espressif, createTasmota],
  ["ac_bedroom", "แอร์ห้องนอน", espressif, createTasmota],
  ["ac_kids", "แอร์ห้องลูก", espressif, createTasmota],
  ["shower", "เครื่องทำน้ำอุ่น", espressif, createTasmota],
  ["rice_cooker", "หม้อหุงข้าว", espressif, createTasmota],
  ["tv", "ทีวี", espressif, createTasmota],
];

export function createDevices(home: SwitchedHome, homeId: string): Device[] {
  const { sinceMs } = home.home;
  const homeHash = hash(seedFor(0, homeId), 1);
  return [
    createMainsMeter({ homeId, sinceMs, slot: 0 }),
    createSolarInverter({ homeId, sinceMs, slot: 2 }),
    ...meters.map(([load, name, maker, make], i) =>
      // Five seconds and one apart, so that neither minutes nor telemetry periods coincide.
      make({ load, name, mac: macAddress(maker, homeHash, i + 1), slot: 4 + 5 * i + (i % 5), home }),
    ),
  ];
}
