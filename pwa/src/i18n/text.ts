import { language } from "../state/settings.ts";
import { en, type Key } from "./en.ts";
import { th } from "./th.ts";

export type { Key };
export type Values = Record<string, string | number>;

const texts: Record<"en" | "th", Record<Key, string>> = { en, th };

/** The sentence in the chosen language, its {placeholders} filled in. */
export function t(key: Key, values?: Values): string {
  return fill(texts[language()][key], values);
}

/** As `t` for names that the hub may invent, such as a quantity; unknown ones come back readable. */
export function named(group: "quantity" | "direction" | "period", name: string): string {
  const key = `${group}.${name}`;
  return key in en ? t(key as Key) : name.replaceAll("_", " ");
}

export function fill(sentence: string, values: Values = {}): string {
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
