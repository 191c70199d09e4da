/** The sum of phases, for meters that report phases only. */
import type { Reading } from "@faiban/device-drivers";

/** Active power and energies add up over phases; the rest does not. */
const summable = new Set(["power_active", "energy_active"]);

/**
 * The readings, and for each power or energy that came by phase alone the sum of its phases. A message that lacks one
 * of the phases the meter is known to have (`knownPhases`) has no sum: the missing one is not zero.
 */
export function addSums(readings: readonly Reading[], knownPhases: (sum: Reading) => number): readonly Reading[] {
  if (!readings.some((reading) => reading.phase !== undefined)) return readings;
  const sums = new Map<string, { reading: Reading; phases: number }>();
  const wholes = new Set<string>();
  for (const reading of readings) {
    if (!summable.has(reading.quantity)) continue;
    const key = `${reading.quantity}/${reading.channel ?? ""}/${reading.direction ?? ""}/${reading.period ?? ""}`;
    if (reading.phase === undefined) wholes.add(key);
    else sums.set(key, plus(sums.get(key), reading));
  }
  const missing = [...sums].filter(([key, { reading, phases }]) => !wholes.has(key) && phases >= knownPhases(reading));
  return [...readings, ...missing.map(([, sum]) => sum.reading)];
}

function plus(sum: { reading: Reading; phases: number } | undefined, reading: Reading) {
  const { phase: _, ...whole } = reading;
  const value = (sum?.reading.value ?? 0) + reading.value;
  return { reading: { ...whole, value }, phases: (sum?.phases ?? 0) + 1 };
}
