import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { drivers } from "@faiban/device-drivers";
import { describe, expect, test } from "vitest";
import { defaultFilters, dialectFilters, isTopicFilter, matches, withoutCovered } from "./topic-filters.ts";

test("a filter matches the topics that MQTT says", () => {
  const right = [
    ["#", "a/b"],
    ["a/#", "a"],
    ["a/#", "a/b/c"],
    ["+/b", "/b"],
    ["a/+/c", "a//c"],
    ["$SYS/#", "$SYS/x"],
  ] as const;
  const wrong = [
    ["#", "$SYS/x"],
    ["+/x", "$SYS/x"],
    ["a/+", "a"],
    ["a/+", "a/b/c"],
    ["a", "A"],
    ["a/b", "a"],
  ] as const;
  for (const [filter, topic] of right) expect([filter, topic, matches(filter, topic)]).toEqual([filter, topic, true]);
  for (const [filter, topic] of wrong) expect([filter, topic, matches(filter, topic)]).toEqual([filter, topic, false]);
});

test("filters that a broker would refuse are known", () => {
  for (const right of ["#", "+", "a/+/b/#", "/", "$aws/#"]) expect(isTopicFilter(right)).toBe(true);
  for (const wrong of ["", "a#", "#/a", "a+/b", "a/#/b", "a\0", "$share/g/a"]) expect(isTopicFilter(wrong)).toBe(false);
});

test("what another filter hears too is left out, unless it is to be acknowledged better", () => {
  const filter = (text: string, qos: 0 | 1 = 1) => ({ filter: text, qos });
  const kept = (...list: Parameters<typeof withoutCovered>[0][number][]) =>
    withoutCovered(list).map((one) => `${one.filter} ${one.qos}`);
  expect(kept(filter("a/b"), filter("a/#"), filter("a/+"))).toEqual(["a/# 1"]);
  expect(kept(filter("a/b"), filter("#", 0))).toEqual(["a/b 1", "# 0"]);
  expect(kept(filter("a"), filter("a"), filter("a", 0))).toEqual(["a 1"]);
  expect(kept(filter("a/+"), filter("+/b"))).toEqual(["a/+ 1", "+/b 1"]);
  expect(kept(filter("#"), filter("$aws/#"))).toEqual(["# 1", "$aws/# 1"]);
});

describe("the known dialects", () => {
  const root = path.join(import.meta.dirname, "../../../../device-drivers/src");
  const topicsOf = (dialect: string): string[] =>
    globSync(`${root}/${dialect}/fixtures/*.jsonl`).flatMap((file) =>
      readFileSync(file, "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => (JSON.parse(line) as { topic: string }).topic),
    );

  test.each(Object.keys(dialectFilters))("%s is heard where it publishes by default", (dialect) => {
    expect(drivers.map((driver) => driver.dialect)).toContain(dialect);
    const topics = topicsOf(dialect);
    for (const filter of dialectFilters[dialect] ?? []) {
      expect([filter, isTopicFilter(filter)]).toEqual([filter, true]);
    }
    expect(topics.some((topic) => defaultFilters.some(({ filter }) => matches(filter, topic)))).toBe(true);
  });

  test("each is heard, or publishes anywhere", () => {
    const anywhere = ["espeasy", "espurna", "maker-json", "maker-plain", "p1-esp8266"];
    const missing = drivers.map(({ dialect }) => dialect).filter((dialect) => !(dialect in dialectFilters));
    expect(missing.filter((dialect) => !anywhere.includes(dialect))).toEqual([]);
  });
});
