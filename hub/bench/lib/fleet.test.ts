import { createMessage, drivers } from "@faiban/device-drivers";
import { expect, test } from "vitest";
import { decodeMessage, type Fleet, lineOf, meterLines, meterMessages } from "./fleet.ts";
import { metricCount } from "./household.ts";

const fleet: Fleet = {
  ...{ form: "full", name: "meter", meters: 2, messages: 50 },
  ...{ startMs: Date.UTC(2026, 1, 6), spacingMs: 1_000, jitterMs: 8 },
};
const forms = ["full", "eight", "power"] as const;

test.each(forms)("a collector makes of the messages of form %s the very lines that are written directly", (form) => {
  const lines = [...meterMessages({ ...fleet, form }, 1)].map(({ topic, payload }) => {
    const { id, fields, timeMs } = decodeMessage(topic, payload);
    return lineOf(id, fields, timeMs);
  });
  expect(lines).toEqual([...meterLines({ ...fleet, form }, 1)]);
});

test.each([
  ["full", metricCount],
  ["eight", 8],
  ["power", 1],
] as const)("the hub's drivers read messages of form %s, all %i numbers and the meter's time", (form, numbers) => {
  for (const { topic, payload, timeMs } of meterMessages({ ...fleet, form }, 0)) {
    const message = createMessage({ topic, payload: Buffer.from(payload), retain: false });
    const decoded = drivers.map((driver) => driver.decode(message)).find((found) => found !== undefined);
    const [meter] = decoded && "meters" in decoded ? decoded.meters : [];
    expect(meter?.dropped ?? []).toEqual([]);
    expect(meter?.readings).toHaveLength(numbers);
    expect(meter?.time).toMatchObject({ timeMs });
  }
});

test("a meter sends the same for the same fleet, at times that rise, and no other meter sends that", () => {
  const [first, again, other] = [0, 0, 1].map((meter) => [...meterMessages(fleet, meter)]);
  expect(first).toEqual(again);
  expect(first!.map(({ payload }) => payload)).not.toEqual(other!.map(({ payload }) => payload));
  const times = first!.map(({ timeMs }) => timeMs);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(new Set(times.map((timeMs) => timeMs % 1_000)).size).toBeGreaterThan(5);
});
