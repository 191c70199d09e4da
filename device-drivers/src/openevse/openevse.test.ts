import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { createDefinitions } from "../definitions.ts";
import { createMessage } from "../message.ts";
import { openEvse } from "./openevse.ts";

test("a charger under a topic of any name is known once it was announced", () => {
  const definitions = createDefinitions();
  const messageOf = (topic: string, payload: string) =>
    createMessage({ topic, payload: Buffer.from(payload), known: definitions.known });
  expect(openEvse.decode(messageOf("garage/car/amp", "16000"))).toBeUndefined();

  const announcement = '{"state":"connected","id":"c44f330dxxad","name":"openevse-7b2c","mqtt":"garage/car"}';
  const decoded = openEvse.decode(messageOf("openevse/announce/7b2c", announcement));
  expect(decoded).toMatchObject({ meters: [{ meterId: "c44f330dxxad", alias: "garage/car" }] });
  if (decoded && "defines" in decoded && decoded.defines) definitions.learn(openEvse.dialect, decoded.defines);

  expect(openEvse.decode(messageOf("garage/car/amp", "16000"))).toMatchObject({
    meters: [{ meterId: "garage/car", readings: [{ quantity: "current", value: 16 }], roles: { "": "ev" } }],
  });
  expect(openEvse.decode(messageOf("garage/door/amp", "16000"))).toBeUndefined();
});
