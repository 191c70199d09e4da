import { type Language, language } from "../state/settings.ts";
import type { en as accessEn } from "./access/en.ts";
import type { en as devicesEn } from "./devices/en.ts";
import { en, type Key as FirstKey } from "./en.ts";
import { th } from "./th.ts";

/** Every sentence's name; those of the pages that load later come with them. */
export type Key = FirstKey | keyof typeof accessEn | keyof typeof devicesEn;
export type Values = Record<string, string | number>;

const texts: Record<Language, Partial<Record<Key, string>>> = { en: { ...en }, th: { ...th } };

/** Adds the words of pages that load later. */
export function addWords(words: Record<Language, Partial<Record<Key, string>>>): void {
  Object.assign(texts.en, words.en);
  Object.assign(texts.th, words.th);
}

/** The sentence in the chosen language, its {placeholders} filled in. */
export function t(key: Key, values?: Values): string {
  return fill(texts[language()][key] ?? key, values);
}

/** Whether there is a sentence of that name, as for codes that the hub may invent. */
export function isKey(key: string): key is Key {
  return key in texts.en;
}

/** As `t` for names that the hub may invent, such as a quantity; unknown ones come back readable. */
export function named(group: "quantity" | "direction" | "period" | "audit", name: string): string {
  const key = `${group}.${name}`;
  return isKey(key) ? t(key) : name.replaceAll("_", " ");
}

export function fill(sentence: string, values: Values = {}): string {
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
