import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { createDefinitions } from "../definitions.ts";
import { createMessage } from "../message.ts";
import { vzlogger } from "./vzlogger.ts";

function home() {
  const definitions = createDefinitions();
  return (topic: string, payload: string) => {
    const decoded = vzlogger.decode(createMessage({ topic, payload: Buffer.from(payload), known: definitions.known }));
    if (decoded && "defines" in decoded && decoded.defines) definitions.learn(vzlogger.dialect, decoded.defines);
    return decoded;
  };
}

test("a channel's numbers are what its OBIS code says", () => {
  const decode = home();
  decode("vzlogger/data/chn0/id", "1-0:16.7.0");
  decode("vzlogger/data/chn1/id", "1-0:1.8.0*255");
  expect(decode("vzlogger/data/chn0/raw", "-451.200000")).toMatchObject({
    meters: [{ meterId: "vzlogger/chn0", readings: [{ quantity: "power_active", value: -451.2 }] }],
  });
  expect(decode("vzlogger/data/chn1/agg", '{"timestamp":1533480841373,"value":15234.5}')).toMatchObject({
    meters: [{ readings: [{ quantity: "energy_active", value: 15234.5, direction: "import", period: "total" }] }],
  });
});

test("a channel that came to measure something else is read no more as before", () => {
  const decode = home();
  decode("vzlogger/data/chn0/id", "1-0:16.7.0");
  decode("vzlogger/data/chn0/id", "sensor1");
  expect(decode("vzlogger/data/chn0/raw", "451.2")).toHaveProperty("ignored");
});
