import { expect, test } from "vitest";
import { setupCard } from "./setup-card.ts";

const input = { host: "192.168.1.5", port: 1883, username: "tasmota-ab12", password: "abcdefghjk", homeId: "home" };
const dialects = ["tasmota", "shelly-gen1", "shelly-gen2", "esphome", "zigbee2mqtt", "customer", "openbeken", null];

test.each(dialects)("the card of %s has address, name and password in its form and in its snippet", (dialect) => {
  const card = setupCard({ dialect, ...input });
  const values = card.values.map(({ value }) => value).join(" ");
  for (const text of [values, card.snippet?.text ?? ""]) {
    for (const part of [input.host, String(input.port), input.username, input.password]) expect(text).toContain(part);
  }
});

test("what is pasted into a Tasmota console connects it, and asks for readings every ten seconds", () => {
  expect(setupCard({ dialect: "tasmota", ...input }).snippet).toEqual({
    language: "console",
    text: expect.stringMatching(/^Backlog .*MqttHost 192\.168\.1\.5; MqttPort 1883; .*TelePeriod 10/),
  });
});

test("what is pasted into a shell for a Shelly is JSON inside quotes that nothing breaks", () => {
  const text = setupCard({ dialect: "shelly-gen2", ...input }).snippet?.text ?? "";
  const json = /-d '([^']+)'/.exec(text)?.[1] ?? "";
  expect(JSON.parse(json)).toMatchObject({
    config: { enable: true, server: "192.168.1.5:1883", pass: input.password },
  });
});

test("a dialect that has no card of its own, whatever its name, gets the common one", () => {
  for (const dialect of [null, "constructor", "__proto__", "toString"]) {
    expect(setupCard({ dialect, ...input }).dialect).toBe("other");
  }
});
