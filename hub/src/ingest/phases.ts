/** The sum of phases, for meters that report phases only. */
import type { Phase, Reading } from "@faiban/device-drivers";

/** Active power and energies add up over phases; the rest does not. */
const summable = new Set(["power_active", "energy_active"]);

/** The phases that a meter has reported of what a sum is of, with their newest values; null for one that is too old. */
export type KnownPhases = ReadonlyMap<Phase, number | null>;

/**
 * The readings, and for each power or energy that came by phase alone the sum of its phases. Phases that come in messages
 * of their own are summed with the last of them, from the newest value of each. `knownPhases` is asked for each sum; null
 * says that the meter reports the sum itself.
 */
export function addSums(
  readings: readonly Reading[],
  knownPhases: (sum: Reading) => KnownPhases | null,
): readonly Reading[] {
  const sums = [...groupsOf(readings)].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const { phase: _, ...whole } = first;
    const known = knownPhases(whole);
    const value = known && sumOf(new Map(group.map(({ phase, value }) => [phase as Phase, value])), known);
    return value === null ? [] : [{ ...whole, value }];
  });
  return sums.length === 0 ? readings : [...readings, ...sums];
}

/** Whether a message has a phase whose sum is not in it: what it comes to depends on other messages. */
export function hasPartsAlone(readings: readonly Reading[]): boolean {
  return groupsOf(readings).length > 0;
}

/** The phases in a message, by what they are phases of, where it does not give the sum itself. */
function groupsOf(readings: readonly Reading[]): Reading[][] {
  if (!readings.some((reading) => reading.phase !== undefined)) return [];
  const groups = Map.groupBy(
    readings.filter(({ quantity }) => summable.has(quantity)),
    ({ quantity, channel = "", direction = "", period = "" }) => `${quantity}/${channel}/${direction}/${period}`,
  );
  return [...groups.values()].filter((group) => group.every(({ phase }) => phase !== undefined));
}

/** The sum; null when a phase is missing, or it is not the turn of this message to give it. */
function sumOf(present: ReadonlyMap<Phase, number>, known: KnownPhases): number | null {
  const missing = [...known.keys()].filter((phase) => !present.has(phase));
  const isNew = [...present.keys()].some((phase) => !known.has(phase));
  // A phase that was never seen before may be one of three, of which others are still to come.
  if (isNew && (missing.length > 0 || present.size === 1)) return null;
  const last = [...known.keys(), ...present.keys()].reduce((a, b) => (a > b ? a : b));
  if (missing.length > 0 && !present.has(last)) return null;
  let sum = 0;
  for (const value of [...present.values(), ...missing.map((phase) => known.get(phase) ?? null)]) {
    if (value === null) return null;
    sum += value;
  }
  return sum;
}
