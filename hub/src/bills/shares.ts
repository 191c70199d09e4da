/** A bill divided among the home's circuits or appliances. */
import type * as api from "../api/bill-contract.ts";
import type { BookTariff } from "../billing/book.ts";
import { createPeriodClock } from "../billing/schedule.ts";
import { type DividedBill, type Sharer, splitCost } from "../billing/split.ts";
import type { Window } from "../billing/window.ts";
import type { Channel } from "../model.ts";
import { type Energies, energiesOf, type RollupSource } from "./energies.ts";

const restName = { en: "Everything else", th: "อื่น ๆ" };
/** No channel has such an id. */
const restKey = "/rest";

/** Which channels share: circuits when there are any, unless it is asked for appliances. They may lie on circuits. */
export function sharingChannels(
  channels: readonly Channel[],
  by: api.Split["by"] | null,
): { by: api.Split["by"]; channels: Channel[] } {
  const circuits = channels.filter(({ role }) => role === "circuit");
  const appliances = channels.filter(({ role }) => role === "appliance" || role === "ev");
  const isByCircuit = by === "circuits" || (by === null && circuits.length > 0);
  return isByCircuit ? { by: "circuits", channels: circuits } : { by: "appliances", channels: appliances };
}

/** The shares of a bill, the dearest first; they add up to its total. */
export function sharesOf(
  { bill, tariff, window, timeZone }: { bill: DividedBill; tariff: BookTariff; window: Window; timeZone: string },
  { source, channels, fixed }: { source: RollupSource; channels: readonly Channel[]; fixed: "by_energy" | "equally" },
  nameOf: (channel: Channel) => string,
): api.Split["shares"] {
  const sharers = channels.map((channel): Sharer => {
    const energies = energiesOf(source, [channel], window);
    return { key: channel.id, importWh: byPeriod(energies, tariff, timeZone) };
  });
  const costs = splitCost(bill, sharers, { fixed, restKey });
  if (costs.length === 0) costs.push({ key: restKey, amountSatang: bill.totalSatang });
  const used = sharers.reduce((sum, { importWh }) => sum + total(importWh), 0);
  const restWh = Math.max(bill.periods.reduce((sum, { importWh }) => sum + importWh, 0) - used, 0);
  const shares = costs.map(({ key, amountSatang }) => {
    const channel = channels.find(({ id }) => id === key);
    const sharer = sharers.find((one) => one.key === key);
    const name = channel ? nameOf(channel) : "";
    return {
      channelId: channel?.id ?? null,
      meterId: channel?.meterId ?? null,
      name: channel ? { en: name, th: name } : restName,
      importWh: Math.round((sharer ? total(sharer.importWh) : restWh) * 1000) / 1000,
      amountSatang,
    };
  });
  return shares.sort((a, b) => b.amountSatang - a.amountSatang);
}

function byPeriod({ startMs, importWh }: Energies, tariff: BookTariff, timeZone: string): Record<string, number> {
  const clock = createPeriodClock(tariff, timeZone);
  const sums = clock.periods.map(() => 0);
  for (let at = 0; at < startMs.length; at++) sums[clock.at(startMs[at]!)]! += importWh[at]!;
  return Object.fromEntries(clock.periods.map((period, index) => [period, sums[index]!]));
}

function total(energies: Readonly<Record<string, number>>): number {
  return Object.values(energies).reduce((a, b) => a + b, 0);
}
