import { expect, test } from "vitest";
import { guessIcon } from "./icon.tsx";

test.each([
  ["แอร์ห้องนอน", "air"],
  ["living_room-ac", "air"],
  ["เครื่องทำน้ำอุ่น", "shower"],
  ["Water heater", "shower"],
  ["หม้อหุงข้าว", "rice"],
  ["Rice cooker", "rice"],
  ["ปั๊มน้ำ", "pump"],
  ["ตู้เย็น", "fridge"],
  ["TV", "tv"],
  ["Washing machine", "washer"],
  ["shellyplug-s-1A2B", "plug"],
])("%s looks like %s", (name, icon) => {
  expect(guessIcon("appliance", name)).toBe(icon);
});

test("a telling role wins over the name", () => {
  expect(guessIcon("solar", "TV")).toBe("sun");
  expect(guessIcon("mains", "Main meter")).toBe("grid");
});
