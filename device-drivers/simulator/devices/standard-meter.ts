/** Meters that publish the hub's own schema: the three-phase mains meter and the solar inverter. */

import { smooth } from "../model/random.ts";
import { type Device, isMinute, kwh, type OutMessage, round, utcText, type View } from "./device.ts";

interface StandardMeter {
  deviceId: string;
  homeId: string;
  sinceMs: number;
  everyS: number;
  /** Its second in the minute for the retained counter. */
  slot: number;
  data(view: View): Data;
}

interface Data {
  power: { active: number };
  energy: { total_kwh: number; export_total_kwh?: number };
  [more: string]: unknown;
}

type MeterOf = Pick<StandardMeter, "homeId" | "sinceMs" | "slot">;

export function createMainsMeter(options: MeterOf): Device {
  return createStandardMeter({ ...options, deviceId: "meter_main_001", everyS: 1, data: mainsData });
}

export function createSolarInverter(options: MeterOf): Device {
  return createStandardMeter({ ...options, deviceId: "solar_inverter", everyS: 2, data: solarData });
}

function createStandardMeter({ deviceId, homeId, sinceMs, everyS, slot, data }: StandardMeter): Device {
  const base = `home/${homeId}/device/${deviceId}`;
  const status = (payload: string): OutMessage => ({ topic: `${base}/status`, payload, qos: 1, retain: true });

  function telemetry(view: View, delivery: Pick<OutMessage, "qos" | "retain">, isBrief = false): OutMessage {
    const payload = {
      schema_version: "1.0",
      device_id: deviceId,
      home_id: homeId,
      timestamp: utcText(view.timeMs),
      data: isBrief ? brief(data(view)) : data(view),
      status: {
        relay: "closed",
        wifi_rssi: Math.round(-61 + 5 * smooth(slot, view.timeMs / 900_000)),
        uptime_seconds: Math.floor((view.timeMs - sinceMs) / 1000),
      },
    };
    return { topic: `${base}/telemetry`, payload: JSON.stringify(payload), ...delivery };
  }

  return {
    clientId: `${homeId}-${deviceId}`,
    will: status("offline"),
    birth: () => [status("online")],
    coarseStepMs: 900_000, // a bill is made of quarter hours
    history: (view, isBrief) => [telemetry(view, { qos: 1, retain: false }, isBrief)],
    tick(view) {
      if (isMinute(view.timeMs, slot)) return [telemetry(view, { qos: 1, retain: true })];
      if (Math.floor(view.timeMs / 1000) % everyS === 0) return [telemetry(view, { qos: 0, retain: false })];
      return [];
    },
    commands: [],
    obey: () => [],
  };
}

function brief({ power, energy }: Data): Record<string, unknown> {
  const { total_kwh, export_total_kwh } = energy;
  return { power: { active: power.active }, energy: { total_kwh, export_total_kwh } };
}

function mainsData({ moment, registers, midnight, monthStart }: View) {
  const { L1, L2, L3 } = moment.supply.phases;
  const reactiveVar = L1.reactiveVar + L2.reactiveVar + L3.reactiveVar;
  const apparentVa = Math.hypot(moment.mainsW, reactiveVar);
  return {
    power: {
      active: round(moment.mainsW, 1),
      reactive: round(reactiveVar, 1),
      apparent: round(apparentVa, 1),
      l1: round(L1.powerW, 1),
      l2: round(L2.powerW, 1),
      l3: round(L3.powerW, 1),
    },
    voltage: {
      l1: round(L1.voltageV, 1),
      l2: round(L2.voltageV, 1),
      l3: round(L3.voltageV, 1),
      avg: round((L1.voltageV + L2.voltageV + L3.voltageV) / 3, 1),
    },
    current: { l1: round(L1.currentA, 2), l2: round(L2.currentA, 2), l3: round(L3.currentA, 2) },
    power_factor: round(Math.abs(moment.mainsW) / Math.max(1, apparentVa), 2),
    frequency: round(moment.supply.frequencyHz, 2),
    energy: {
      total_kwh: kwh(registers.importWh),
      today_kwh: kwh(registers.importWh - midnight.importWh),
      this_month_kwh: kwh(registers.importWh - monthStart.importWh),
      export_total_kwh: kwh(registers.exportWh),
    },
    thd: {
      voltage: round(moment.supply.voltageThdPercent, 1),
      current: round(moment.supply.currentThdPercent, 1),
    },
  };
}

function solarData({ moment, registers, midnight, monthStart }: View) {
  const { L1, L2, L3 } = moment.supply.phases;
  const phaseW = moment.solarW / 3;
  return {
    power: { active: round(moment.solarW, 1) },
    voltage: { l1: round(L1.voltageV, 1), l2: round(L2.voltageV, 1), l3: round(L3.voltageV, 1) },
    current: {
      l1: round(phaseW / L1.voltageV, 2),
      l2: round(phaseW / L2.voltageV, 2),
      l3: round(phaseW / L3.voltageV, 2),
    },
    power_factor: 1,
    frequency: round(moment.supply.frequencyHz, 2),
    energy: {
      total_kwh: kwh(registers.producedWh),
      today_kwh: kwh(registers.producedWh - midnight.producedWh),
      this_month_kwh: kwh(registers.producedWh - monthStart.producedWh),
    },
  };
}
