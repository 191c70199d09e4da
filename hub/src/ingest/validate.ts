/** Range checks: a value outside of what a home can have is refused, with a reason its maker can act on. */
import { type Quantity, quantities, type Reading } from "@faiban/device-drivers";

/** Lowest and highest believable value, in the quantity's unit; generous, to refuse only what is surely wrong. */
const ranges: Record<Quantity, readonly [number, number]> = {
  power_active: [-1e6, 1e6], // 1 MW
  power_reactive: [-1e6, 1e6],
  power_apparent: [-1e6, 1e6],
  power_factor: [-1.01, 1.01],
  voltage: [-1000, 1000], // batteries and solar strings too
  current: [-5000, 5000],
  frequency: [0, 500],
  energy_active: [-1e12, 1e12], // 1,000 GWh
  energy_reactive: [-1e12, 1e12],
  energy_apparent: [0, 1e12],
  thd_voltage: [0, 1000],
  thd_current: [0, 1000],
  temperature: [-100, 300],
  humidity: [0, 100],
  soc: [0, 100],
};

/** The lowest and the highest value of the quantity that is believed, in its unit. */
export function rangeOf(quantity: Quantity): readonly [number, number] {
  return ranges[quantity];
}

/** Why the reading cannot be true, or null when it can. */
export function whyImpossible(reading: Reading): string | null {
  const range = ranges[reading.quantity];
  if (range === undefined) return `${reading.quantity} is not a quantity the hub knows`;
  if (!Number.isFinite(reading.value)) return `${reading.quantity} is not a number`;
  const [least, most] = range;
  if (reading.value >= least && reading.value <= most) return null;
  const { unit } = quantities[reading.quantity];
  return `${reading.quantity} is ${reading.value} ${unit}: outside of ${least} to ${most} ${unit}`.replaceAll(
    "  ",
    " ",
  );
}
