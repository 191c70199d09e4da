import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { ahoyDtu } from "../ahoydtu/ahoydtu.ts";
import { createDefinitions } from "../definitions.ts";
import type { Driver } from "../driver.ts";
import { createMessage } from "../message.ts";
import { openDtu } from "./opendtu.ts";

function home(driver: Driver) {
  const definitions = createDefinitions();
  return (topic: string, payload: string) => {
    const decoded = driver.decode(createMessage({ topic, payload: Buffer.from(payload), known: definitions.known }));
    if (decoded && "defines" in decoded && decoded.defines) definitions.learn(driver.dialect, decoded.defines);
    return decoded;
  };
}

test.each([
  { driver: openDtu, sum: "solar/ac/power", inverter: "solar/114182012345/0/power", another: "garage/ac/power" },
  { driver: ahoyDtu, sum: "inverter/total/P_AC", inverter: "inverter/HM600/ch0/P_AC", another: "dach/total/P_AC" },
])(
  "$driver.dialect counts no inverter twice: the sum is read only without them",
  ({ driver, sum, inverter, another }) => {
    const decode = home(driver);
    expect(decode(sum, "490.6")).toMatchObject({ meters: [{ roles: { "": "solar" } }] });
    decode(inverter, "245.3");
    expect(decode(sum, "490.6")).toHaveProperty("repeats");
    expect(decode(another, "490.6")).toHaveProperty("meters");
  },
);
