/** Machines whose clocks a test sets, and meters of steady use on them, so that any energy can be told from the time. */
import type { MqttClient } from "mqtt";
import { expect } from "vitest";
import type { ClockWorld } from "../../src/clock/clock.ts";
import { createCalendar } from "../../src/energy/calendar.ts";
import type { TimedValue } from "../../src/energy/readings.ts";
import type { EnergyKind } from "../../src/energy/rollup.ts";
import { differences, expectedRows, type Hub, historyRows, type Row, rawReadings } from "./model.ts";

export const secondMs = 1_000;
export const hourMs = 3_600 * secondMs;
const dayMs = 24 * hourMs;
export const yearMs = 365 * dayMs;
/** The hub looks at the clock each second of real time. */
const lookMs = 1_050;
const calendar = createCalendar("Asia/Bangkok");

/** A machine whose time passes when the test says so, and whose wall clock may say anything. */
export function createMachine(isSynchronized: boolean | null, wallErrorMs = 0) {
  const startMs = Date.now();
  const state = { elapsedMs: 0, wallErrorMs, isSynchronized };
  const world: ClockWorld = {
    wallMs: () => startMs + state.elapsedMs + state.wallErrorMs,
    monotonicMs: () => state.elapsedMs,
    isSynchronized: () => state.isSynchronized,
  };
  return { state, world, trueMs: () => startMs + state.elapsedMs };
}

export type Machine = ReturnType<typeof createMachine>;

const powerW = 1_200;
export const stepMs = 10 * secondMs;
/** What each meter takes in a step. */
export const stepWh = (powerW * stepMs) / hourMs;
/** What the register shows at first: that of a meter in use for years. */
const registerWh = 5_000_000;

/** A channel and how its energy is made. */
export interface ClockMeter {
  channel: string;
  quantity: "power_active" | "energy_active";
  kind: EnergyKind;
}

/** One without a clock, one with a register and no clock, one whose own clock is right. */
export const clockMeters: readonly ClockMeter[] = [
  { channel: "customer-plain/main", quantity: "power_active", kind: "power" },
  { channel: "customer-register/main", quantity: "energy_active", kind: "import_register" },
  { channel: "customer-clocked/main", quantity: "power_active", kind: "power" },
];

/** Sends a reading a step of each of them; `clockErrorMs` is that of the meter with a clock. */
export function createSteadyUse(client: MqttClient, machine: Machine, clockErrorMs = 0) {
  const sentMs: number[] = [];
  const publish = (id: string, body: object) =>
    client.publishAsync(`home/home/device/${id}/telemetry`, JSON.stringify(body), { qos: 1 });

  async function step(): Promise<void> {
    machine.state.elapsedMs += stepMs;
    const number = sentMs.push(machine.trueMs());
    await Promise.all([
      publish("plain", { w: powerW + number / 1_000 }),
      publish("register", { wh: registerWh + Math.round(number * stepWh) }),
      publish("clocked", { w: powerW + number / 1_000, ts: (machine.trueMs() + clockErrorMs) / 1_000 }),
    ]);
  }

  return {
    /** The true times of what was sent. */
    sentMs,
    /** Lets time pass, with so many readings of each meter, and after a part of them a look of the hub at its clock. */
    async pass(steps: number, looks: number): Promise<void> {
      const parts = Math.max(1, looks);
      for (let part = 0; part < parts; part++) {
        for (let at = Math.ceil((steps * part) / parts); at < Math.ceil((steps * (part + 1)) / parts); at++)
          await step();
        if (looks > 0) await look();
      }
    },
  };
}

function look(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, lookMs));
}

/**
 * What a hub has of a meter around some times, checked: in order of time, each time once, rollups those of the readings,
 * no energy below zero and no minute above what the meter can take.
 */
export async function checkMeter(hub: Hub, meter: ClockMeter, around: readonly number[], mostW: number) {
  const raw: TimedValue[] = [];
  const found = new Map<number, Row>();
  const days = new Map<number, Row>();
  for (const dayStartMs of daysOf(around)) {
    const range = [dayStartMs, dayStartMs + dayMs] as const;
    for (const reading of await rawReadings(hub, meter, ...range)) raw.push(reading);
    for (const [startMs, row] of await historyRows(hub, meter.channel, "minute", ...range)) found.set(startMs, row);
    for (const [startMs, row] of await historyRows(hub, meter.channel, "day", ...range)) days.set(startMs, row);
  }
  for (let at = 1; at < raw.length; at++) expect(raw[at]!.timeMs).toBeGreaterThan(raw[at - 1]!.timeMs);
  expect(differences(expectedRows(new Map([[meter, raw]]), "minute", calendar), found)).toEqual([]);
  for (const row of [...found.values(), ...days.values()]) {
    expect(Math.min(row.importWh, row.exportWh)).toBeGreaterThanOrEqual(0);
  }
  for (const { importWh } of found.values()) expect(importWh * 60).toBeLessThanOrEqual(mostW);
  // Days have what minutes leave out: a register's energy across a silence of hours.
  const importWh = days.values().reduce((sum, row) => sum + row.importWh, 0);
  return { raw, importWh };
}

/** Days of UTC that the times lie in, and those next to them, in order. */
function daysOf(timesMs: readonly number[]): number[] {
  const days = timesMs.flatMap((timeMs) => [-1, 0, 1].map((next) => Math.floor(timeMs / dayMs) + next));
  return [...new Set(days)].sort((a, b) => a - b).map((day) => day * dayMs);
}
