import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { createDefinitions } from "../definitions.ts";
import { createMessage } from "../message.ts";
import { deye } from "./deye.ts";

function inverter() {
  const definitions = createDefinitions();
  return (topic: string, payload: string) => {
    const decoded = deye.decode(createMessage({ topic, payload: Buffer.from(payload), known: definitions.known }));
    if (decoded && "defines" in decoded && decoded.defines) definitions.learn(deye.dialect, decoded.defines);
    return decoded;
  };
}

describe("of an inverter with a battery", () => {
  test("the direct current is the solar power", () => {
    const decode = inverter();
    decode("deye/battery/soc", "77");
    expect(decode("deye/dc/total_power", "1204")).toMatchObject({
      meters: [{ readings: [{ quantity: "power_active", value: 1204 }], roles: { "": "solar" } }],
    });
    expect(decode("deye/1/dc/total_power", "1204")).toHaveProperty("ignored");
  });

  test("the total power is the grid's when it has three phases", () => {
    const decode = inverter();
    decode("deye/battery/soc", "77");
    expect(decode("deye/ac/total_power", "-512")).toHaveProperty("ignored");
    decode("deye/ac/l3/ct/external", "-170");
    expect(decode("deye/ac/total_power", "-512")).toMatchObject({
      meters: [{ readings: [{ quantity: "power_active", value: -512, channel: "grid" }], roles: { grid: "mains" } }],
    });
  });
});

test("of an inverter without battery direct current is not counted beside its output", () => {
  const decode = inverter();
  decode("deye/ac/active_power", "1190");
  expect(decode("deye/dc/total_power", "1204")).toHaveProperty("ignored");
});
