import { expect, test } from "vitest";
import { en, type Key } from "./en.ts";
import { th } from "./th.ts";

const placeholders = (sentence: string) => [...sentence.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();

test("Thai has exactly the keys of English", () => {
  expect(Object.keys(th).sort()).toEqual(Object.keys(en).sort());
});

test.each(Object.keys(en) as Key[])("%s says something in both languages, with the same placeholders", (key) => {
  expect(en[key].trim()).not.toBe("");
  expect(th[key].trim()).not.toBe("");
  expect(placeholders(th[key])).toEqual(placeholders(en[key]));
});
