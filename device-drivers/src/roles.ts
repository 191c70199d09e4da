import type { Role } from "./driver.ts";

/**
 * What the words of a device's name say that it measures, in the order in which they decide: a "main EV charger" is a
 * charger. An energy meter of Shelly (`shellypro3em-…`, `SHELLY3EM63G3`) has its clamps on the supply.
 */
const wordsOfRole: readonly (readonly [Role, string])[] = [
  ["solar", "solar|pv|inverter|photovoltaic"],
  ["battery", "battery|batt|ess|powerwall"],
  ["ev", "ev|evse|charger|wallbox|car"],
  ["mains", "main|mains|grid|total|3em|shelly(?:pro|plus)?\\d?em\\d{0,3}(?:g\\d)?"],
];
const rules = wordsOfRole.map(([role, words]) => [role, wholeWord(words)] as const);

/** Most names have none of the words: they need no search word by word. */
const anyWord = new RegExp(wordsOfRole.map(([, words]) => words).join("|"), "i");

/** The role that a device's id or name suggests, or undefined when it suggests none. */
export function roleFromName(name: string): Role | undefined {
  if (!anyWord.test(name)) return undefined;
  const words = name.replace(/([a-z])([A-Z][a-z])/g, "$1 $2");
  return rules.find(([, word]) => word.test(words))?.[0];
}

/** Numbered words count (`pv2`); parts of other words do not (`domain`, `carport`). */
function wholeWord(alternatives: string): RegExp {
  return new RegExp(`(?<![\\p{L}\\p{M}\\p{N}])(?:${alternatives})\\d*(?![\\p{L}\\p{M}\\p{N}])`, "iu");
}
