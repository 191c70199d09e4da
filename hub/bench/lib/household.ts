/** A made-up home on three phases: the same numbers for the same seed. */
import { createRandom } from "./random.ts";

/** What a meter measures at one moment: `data` of the product's full form, 20 numbers in W, var, VA, V, A, Hz, kWh, %. */
export interface MeterData {
  power: { active: number; reactive: number; apparent: number; l1: number; l2: number; l3: number };
  voltage: { l1: number; l2: number; l3: number; avg: number };
  current: { l1: number; l2: number; l3: number };
  power_factor: number;
  frequency: number;
  energy: { total_kwh: number; today_kwh: number; this_month_kwh: number };
  thd: { voltage: number; current: number };
}

/** How many numbers `MeterData` has. */
export const metricCount = 20;

/** Something that is switched on now and then. */
interface Appliance {
  phase: 0 | 1 | 2;
  powerW: number;
  /** How many seconds it stays on, and off at least. */
  onS: number;
  offS: number;
  powerFactor: number;
}

const appliances: readonly Appliance[] = [
  { phase: 0, powerW: 95, onS: 900, offS: 1_500, powerFactor: 0.7 }, // refrigerator
  { phase: 1, powerW: 2_050, onS: 180, offS: 9_000, powerFactor: 1 }, // kettle
  { phase: 2, powerW: 980, onS: 1_300, offS: 700, powerFactor: 0.92 }, // air conditioner
  { phase: 1, powerW: 3_400, onS: 420, offS: 14_000, powerFactor: 1 }, // water heater
  { phase: 0, powerW: 130, onS: 5_000, offS: 9_000, powerFactor: 0.62 }, // television and computer
  { phase: 2, powerW: 450, onS: 2_400, offS: 30_000, powerFactor: 0.8 }, // washing machine
];
const baseW = [45, 30, 25] as const;

/** Gives the readings of one second after the other. */
export function createHousehold(seed: number): () => MeterData {
  const random = createRandom(seed);
  const noise = () => random() + random() + random() - 1.5; // bell-shaped, within 1.5
  const switches = appliances.map(({ onS, offS }) => ({ isOn: false, leftS: Math.floor(random() * (onS + offS)) }));
  const voltages = [229.6, 230.4, 229.1];
  let frequency = 50;
  const wh = { total: 15_234_560 + seed * 1000, today: 0 };
  return () => {
    const phaseW = baseW.map((watts) => watts + noise() * 0.8);
    const phaseVar = baseW.map((watts) => watts * 0.4);
    appliances.forEach((appliance, index) => {
      if (!advance(switches[index]!, appliance, random)) return;
      const watts = appliance.powerW * (1 + noise() * 0.004);
      phaseW[appliance.phase]! += watts;
      phaseVar[appliance.phase]! += watts * Math.tan(Math.acos(appliance.powerFactor));
    });
    voltages.forEach((volts, phase) => {
      voltages[phase] = volts + (230 - volts) * 0.002 + noise() * 0.12;
    });
    frequency += (50 - frequency) * 0.01 + noise() * 0.004;
    const dataWh = phaseW.reduce((sum, watts) => sum + watts, 0) / 3600;
    wh.total += dataWh;
    wh.today += dataWh;
    return dataOf({ phaseW, phaseVar, voltages, frequency, wh, noise });
  };
}

function advance(state: { isOn: boolean; leftS: number }, { onS, offS }: Appliance, random: () => number): boolean {
  state.leftS -= 1;
  if (state.leftS <= 0) {
    state.isOn = !state.isOn;
    state.leftS = Math.round((state.isOn ? onS : offS) * (0.7 + random() * 0.6));
  }
  return state.isOn;
}

function dataOf(now: {
  phaseW: number[];
  phaseVar: number[];
  voltages: number[];
  frequency: number;
  wh: { total: number; today: number };
  noise: () => number;
}): MeterData {
  const [w1 = 0, w2 = 0, w3 = 0] = now.phaseW;
  const [v1 = 0, v2 = 0, v3 = 0] = now.voltages;
  const phaseVa = now.phaseW.map((watts, phase) => Math.hypot(watts, now.phaseVar[phase]!));
  const [active, reactive, apparent] = [now.phaseW, now.phaseVar, phaseVa].map(sum) as [number, number, number];
  return {
    power: {
      ...{ active: fixed(active, 1), reactive: fixed(reactive, 1), apparent: fixed(apparent, 1) },
      ...{ l1: fixed(w1, 1), l2: fixed(w2, 1), l3: fixed(w3, 1) },
    },
    voltage: { l1: fixed(v1, 1), l2: fixed(v2, 1), l3: fixed(v3, 1), avg: fixed((v1 + v2 + v3) / 3, 1) },
    current: { l1: fixed(phaseVa[0]! / v1, 2), l2: fixed(phaseVa[1]! / v2, 2), l3: fixed(phaseVa[2]! / v3, 2) },
    power_factor: fixed(active / apparent, 2),
    frequency: fixed(now.frequency, 2),
    energy: {
      total_kwh: fixed(now.wh.total / 1000, 2),
      today_kwh: fixed(now.wh.today / 1000, 2),
      this_month_kwh: fixed(345 + now.wh.today / 1000, 2),
    },
    thd: { voltage: fixed(2.5 + now.noise() * 0.1, 1), current: fixed(3.2 + now.noise() * 0.3, 1) },
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function fixed(value: number, digits: number): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale;
}
