/** The ordered list of drivers: the first that knows a message decodes it. */
import { customer } from "./customer/customer.ts";
import type { Decoded, Driver, RawMessage } from "./driver.ts";
import { shellyGen2 } from "./shelly-gen2/shelly-gen2.ts";
import { tasmota } from "./tasmota/tasmota.ts";

export * from "./driver.ts";
export { createMessage } from "./message.ts";
export { createPlan, type DecodePlan, type PlanValues } from "./plan.ts";

export const drivers: readonly Driver[] = [customer, tasmota, shellyGen2];

/** What a message says, and in which dialect; undefined when no driver knows it. */
export function decode(message: RawMessage): { dialect: string; decoded: Decoded } | undefined {
  for (const { dialect, decode } of drivers) {
    const decoded = decode(message);
    if (decoded) return { dialect, decoded };
  }
  return undefined;
}
