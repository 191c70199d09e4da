import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { DeviceRow } from "../records.ts";
import { createPairing, type PairingWindow, type Understood, windowMs } from "./pairing.ts";

const minuteMs = 60_000;
const address = "192.0.2.7";
let pairing: PairingWindow;
let gone: string[];
let approved: { name: string; dialect: string | null; clientId: string; password: string | null }[];
let says: Understood | null;

beforeEach(() => {
  vi.useFakeTimers();
  [gone, approved, says] = [[], [], null];
  pairing = createPairing({
    nowMs: () => Date.now(),
    understand: () => says,
    approve(name, dialect, { clientId, password }) {
      approved.push({ name, dialect, clientId, password: password && Buffer.from(password).toString() });
      return { id: "new", name, clientId } as DeviceRow;
    },
    disconnect: (clientId) => void gone.push(clientId),
  });
});
afterEach(() => {
  pairing.stop();
  vi.useRealTimers();
});

const admit = (clientId: string, password: string | null = null) =>
  pairing.admit({ clientId, username: null, password: password === null ? null : Buffer.from(password) }, address);
const note = (clientId: string, topic = "tele/x/SENSOR") => pairing.note(clientId, topic, Buffer.from("{}"));
const notFound = expect.objectContaining({ code: "NOT_FOUND" });

test("nobody may wait until the window is opened, nor after its five minutes", () => {
  expect(admit("a")).toBe(false);
  pairing.open();
  expect(pairing.openUntilMs()).toBe(Date.now() + windowMs);
  expect(admit("a")).toBe(true);
  vi.advanceTimersByTime(windowMs);
  expect(pairing.openUntilMs()).toBeNull();
  expect(gone).toEqual(["a"]);
  expect(admit("b")).toBe(false);
});

test("the window closes by a clock that nobody sets", () => {
  pairing.open();
  vi.setSystemTime(0);
  expect(admit("a")).toBe(true);
  vi.advanceTimersByTime(windowMs);
  expect(admit("b")).toBe(false);
});

test("opened again it is open for five minutes from then", () => {
  pairing.open();
  vi.advanceTimersByTime(4 * minuteMs);
  pairing.open();
  vi.advanceTimersByTime(4 * minuteMs);
  expect(admit("a")).toBe(true);
});

test("who waited may be approved for ten minutes after the window closed", () => {
  pairing.open();
  admit("a");
  admit("b");
  pairing.close();
  vi.advanceTimersByTime(9 * minuteMs);
  pairing.approve("a", "A");
  vi.advanceTimersByTime(2 * minuteMs);
  expect(() => pairing.approve("b", "B")).toThrow(notFound);
});

test("what a waiting client sends is noted: what it speaks, where, and its newest readings by quantity", () => {
  pairing.open();
  admit("a");
  note("a", "other/topic");
  const [waiting] = pairing.pending();
  expect(waiting).toMatchObject({ dialect: null, messages: 1, topics: ["other/topic"], address, hasPassword: false });
  const reading = (quantity: string, value: number) => ({ quantity, value, unit: "W" });
  says = { dialect: "tasmota", name: "Plug", model: null, readings: [reading("power", 1), reading("voltage", 230)] };
  note("a");
  says = { dialect: "tasmota", name: null, model: "NX-SP202", readings: [reading("power", 2)] };
  note("a");
  expect(pairing.pending()).toMatchObject([
    {
      ...{ dialect: "tasmota", name: "Plug", model: "NX-SP202", messages: 3 },
      topics: ["other/topic", "tele/x/SENSOR"],
      readings: [reading("power", 2), reading("voltage", 230)],
    },
  ]);
});

test("what is noted has a limit: clients, topics, readings", () => {
  pairing.open();
  const admitted = Array.from({ length: 55 }, (_, i) => admit(`client ${i}`));
  expect(admitted.filter(Boolean)).toHaveLength(50);
  expect(admit("client 0"), "one that waits already").toBe(true);
  says = {
    ...{ dialect: "x", name: null, model: null },
    readings: Array.from({ length: 30 }, (_, i) => ({ quantity: `${i}`, value: i, unit: "" })),
  };
  for (let i = 0; i < 30; i++) note("client 0", `topic/${i}`);
  const [first] = pairing.pending();
  expect([first?.topics.length, first?.readings.length, first?.messages]).toEqual([10, 10, 30]);
  note("nobody that waits");
});

test("approved, a client becomes a device with what it showed last, and must come back as that", () => {
  pairing.open();
  admit("a", "old");
  says = { dialect: "tasmota", name: null, model: null, readings: [] };
  note("a");
  admit("a", "new");
  pairing.approve("a", "Plug");
  expect(approved).toEqual([{ name: "Plug", dialect: "tasmota", clientId: "a", password: "new" }]);
  expect(gone).toEqual(["a"]);
  expect(pairing.pending()).toEqual([]);
  expect(() => pairing.approve("a", "Again")).toThrow(notFound);
});

test("refused, a client stays out until the window is opened anew", () => {
  pairing.open();
  admit("a");
  pairing.refuse("a");
  expect(gone).toEqual(["a"]);
  expect(admit("a")).toBe(false);
  expect(() => pairing.refuse("a")).toThrow(notFound);
  pairing.open();
  expect(admit("a")).toBe(true);
});
