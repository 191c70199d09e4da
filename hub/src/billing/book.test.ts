import { describe, expect, test } from "vitest";
import { loadTariffs } from "../../tariffs/load.ts";
import { findTariff, periodsOf, readBook } from "./book.ts";
import { made } from "./test-tariffs.ts";

const book = loadTariffs();

describe("the tariff files", () => {
  test("have the Thai plans and examples from elsewhere", () => {
    const ids = [...book.tariffs.keys()];
    const homes = ["TH-1.1", "TH-1.2", "TH-1.3-LV", "TH-1.3-MV"];
    const shops = ["TH-2-LV", "TH-2-MV", "TH-2-TOU-LV", "TH-2-TOU-MV"];
    expect(ids).toEqual(expect.arrayContaining([...homes, ...shops]));
    expect(ids).toEqual(expect.arrayContaining(["flat", "GB-economy-7", "DE-flat-feed-in", "NO-spot"]));
  });

  test("have a text in both languages for every line and time of use", () => {
    const keys = new Set<string>();
    for (const tariff of book.tariffs.values()) {
      for (const period of periodsOf(tariff)) if (period !== "all") keys.add(`period_${period}`);
      for (const series of Object.values(tariff.adjustmentSeries)) keys.add(series.key);
      for (const { fixed = [], demand = [], steps = [] } of tariff.versions) {
        for (const { key } of [...fixed, ...demand, ...steps]) keys.add(key);
      }
    }
    const always = [
      "energy",
      "export",
      "rounding",
      "brought_forward",
      "carried_forward",
      "forfeited",
      "tier",
      "tier_last",
    ];
    expect([...keys, ...always].filter((key) => !book.labels[key])).toEqual([]);
    for (const { en, th } of Object.values(book.labels)) {
      expect([...en.matchAll(/\{\w+\}/g)].toString()).toBe([...th.matchAll(/\{\w+\}/g)].toString());
    }
  });

  test("say where every number comes from", () => {
    for (const tariff of book.tariffs.values()) expect(tariff.sources.join("").length).toBeGreaterThan(20);
  });
});

describe("a tariff file with a mistake", () => {
  const read = (content: unknown) => () => readBook([{ name: "mine.json", content }]);

  test("is refused with its name and the place", () => {
    expect(read({ tariff: [] })).toThrow("mine.json");
    expect(read({ tariffs: [{ id: "x" }] })).toThrow("mine.json is no tariff file: /tariffs/0");
    expect(() => made({ versions: [{ energy: { all: "0,30" } }] })).toThrow("/tariffs/0/versions/0/energy");
  });

  test("is refused when its parts do not fit together", () => {
    const schedule = { rules: [{ period: "night", to: "06:00" }], otherwise: "day" };
    expect(() => made({ schedule, versions: [{ energy: { night: "0.1" } }] })).toThrow("no price of day");
    expect(() => made({ versions: [{ adjustments: ["ft"] }] })).toThrow("names adjustments ft");
    expect(() => made({ schedule: { rules: [], otherwise: "day", holidays: "mars" } })).toThrow("names holidays mars");
    expect(() => made({ versions: [{}, { from: "2019-01-01" }] })).toThrow("dates must rise");
    expect(() => made({ timeZone: "Mars/Olympus" })).toThrow("no time zone Mars/Olympus");
    expect(() => made({ versions: [{ steps: [{ key: "vat" }] }] })).toThrow("needs one of");
    expect(() => made({ versions: [{ steps: [{ key: "tax", percent: "7" }] }] })).toThrow("cannot have the key tax");
    const tiers = [{ upToKwh: "10", price: "1" }];
    expect(() => made({ versions: [{ energy: { all: { tiers } } }] })).toThrow("last ends at null");
    expect(read({ tariffs: [findTariff(book, "flat"), findTariff(book, "flat")] })).toThrow("mine.json");
  });

  test("lists the plans there are when one is not", () => {
    expect(() => findTariff(book, "TH-9")).toThrow('no plan "TH-9"');
  });
});
