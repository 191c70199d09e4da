/** A home on a simulated machine, its use told over MQTT, and the bill that it should have. */
import type * as api from "../src/api/bill-contract.ts";
import type { ApiError } from "../src/api/contract.ts";
import { type Bill, type BillOptions, computeBill } from "../src/billing/bill.ts";
import { findTariff } from "../src/billing/book.ts";
import type { Cycle } from "../src/billing/cycle.ts";
import { windowOf } from "../src/billing/window.ts";
import type { ClockWorld } from "../src/clock/clock.ts";
import { quarterMs } from "../src/energy/calendar.ts";
import { loadTariffs } from "../tariffs/load.ts";
import type { TestHub } from "./harness.ts";

const book = loadTariffs();
export const bangkok = "Asia/Bangkok";
export const february: Cycle = { start: "2027-02-01", end: "2027-03-01" };
export const hourMs = 3_600_000;

/** A machine that is right about the time, which the test lets pass. */
export function machineAt(local: string, timeZone = bangkok) {
  const startMs = Temporal.PlainDateTime.from(local).toZonedDateTime(timeZone).epochMilliseconds;
  const begun = performance.now();
  let passedMs = 0;
  const monotonicMs = () => performance.now() + passedMs;
  const world: ClockWorld = {
    wallMs: () => startMs + monotonicMs() - begun,
    monotonicMs,
    isSynchronized: () => true,
  };
  return {
    world,
    pass(ms: number) {
      passedMs += ms;
    },
  };
}

export interface Use {
  startMs: number;
  importWh: number;
}

/** Whole watt-hours that are never twice the same in a row, by quarter hours of the span. */
export function useOf(cycle: Cycle, timeZone = bangkok, scale = 1): Use[] {
  const { startMs, endMs } = windowOf(cycle, timeZone);
  return Array.from({ length: (endMs - startMs) / quarterMs }, (_, index) => ({
    startMs: startMs + index * quarterMs,
    importWh: Math.round((40 + ((index * 7919) % 300)) * scale),
  }));
}

/** Publishes a meter's register at the beginning of each quarter hour and at the end of the last. */
export async function publishUse(
  hub: TestHub,
  deviceId: string,
  uses: readonly Use[],
  firstWh = 1_000_000,
): Promise<void> {
  const client = await hub.client();
  const topic = `home/home/device/${deviceId}/telemetry`;
  let registerWh = firstWh;
  const publish = (timeMs: number, qos: 0 | 1) =>
    client.publishAsync(topic, JSON.stringify({ kwh: registerWh / 1000, ts: timeMs / 1000 }), { qos });
  for (const { startMs, importWh } of uses) {
    await publish(startMs, 0);
    registerWh += importWh;
  }
  await publish((uses.at(-1)?.startMs ?? 0) + quarterMs, 1);
}

export function expectedBill(plan: string, cycle: Cycle, uses: readonly Use[], options: BillOptions = {}): Bill {
  const quarters = {
    startMs: uses.map(({ startMs }) => startMs),
    importWh: uses.map(({ importWh }) => importWh),
    exportWh: null,
  };
  return computeBill({
    tariff: findTariff(book, plan),
    cycle,
    usage: { quarters },
    options: { timeZone: bangkok, ...options },
  });
}

export async function send<T>(hub: TestHub, method: "PUT" | "POST", address: string, body?: unknown) {
  const json = body === undefined ? {} : { "content-type": "application/json" };
  const response = await fetch(hub.url + address, {
    method,
    headers: json,
    body: body === undefined ? null : JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as T };
}

export const span = (plan: string, more: Partial<api.PlanSpan> = {}): api.PlanSpan => ({
  ...{ from: null, plan, startDay: 1, months: 1, anchorMonth: null, entitlements: [], contractedKw: null },
  ...more,
});
export const settings = (plans: api.PlanSpan[], more: Partial<api.TariffSettings> = {}): api.TariffSettings => ({
  ...{ plans, adjustments: {}, flatPrice: null, own: null },
  ...more,
});
export const setTariff = (hub: TestHub, body: unknown) =>
  send<api.TariffAnswer & ApiError>(hub, "PUT", "/api/tariff", body);
export const amounts = (lines: readonly { key: string; amountSatang: number }[]) =>
  lines.map(({ key, amountSatang }) => [key, amountSatang]);
