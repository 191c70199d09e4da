/** The sum of phases, for meters that report phases only. */
import type { Reading } from "@faiban/device-drivers";

/** Active power and energies add up over phases; the rest does not. */
const summable = new Set(["power_active", "energy_active"]);

/** The readings, and for each power or energy that came by phase alone the sum of its phases. */
export function addSums(readings: readonly Reading[]): readonly Reading[] {
  if (!readings.some((reading) => reading.phase !== undefined)) return readings;
  const sums = new Map<string, Reading>();
  const wholes = new Set<string>();
  for (const reading of readings) {
    if (!summable.has(reading.quantity)) continue;
    const key = `${reading.quantity}/${reading.channel ?? ""}/${reading.direction ?? ""}/${reading.period ?? ""}`;
    if (reading.phase === undefined) wholes.add(key);
    else {
      const { phase: _, ...whole } = reading;
      sums.set(key, { ...whole, value: (sums.get(key)?.value ?? 0) + reading.value });
    }
  }
  const missing = [...sums].filter(([key]) => !wholes.has(key)).map(([, sum]) => sum);
  return [...readings, ...missing];
}
