import { expect, test } from "vitest";
import { en as accessEn } from "./access/en.ts";
import { th as accessTh } from "./access/th.ts";
import { en as devicesEn } from "./devices/en.ts";
import { th as devicesTh } from "./devices/th.ts";
import { en as firstEn } from "./en.ts";
import { th as firstTh } from "./th.ts";

const parts: [name: string, en: Record<string, string>, th: Record<string, string>][] = [
  ["the first page", firstEn, firstTh],
  ["access", accessEn, accessTh],
  ["devices", devicesEn, devicesTh],
];
const sentences = parts.flatMap(([, en, th]) => Object.keys(en).map((key) => [key, en[key]!, th[key]!] as const));

const placeholders = (sentence: string) => [...sentence.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();

test.each(parts)("Thai has exactly the keys of English for %s", (_name, en, th) => {
  expect(Object.keys(th).sort()).toEqual(Object.keys(en).sort());
});

test("no two parts have words for the same key", () => {
  const keys = sentences.map(([key]) => key);
  expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
});

test.each(sentences)("%s says something in both languages, with the same placeholders", (_key, en, th) => {
  expect(en.trim()).not.toBe("");
  expect(th.trim()).not.toBe("");
  expect(placeholders(th)).toEqual(placeholders(en));
});
