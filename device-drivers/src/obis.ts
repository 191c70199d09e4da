/** The identifiers (IEC 62056-61, "OBIS") by which smart meters name their values, and the telegrams of the P1 port. */
import type { Direction, Phase, Quantity } from "./driver.ts";
import type { Leaf } from "./leaf-table.ts";
import { exportChannel, exportPower, gauge, leafTable } from "./leaf-table.ts";
import type { Collected } from "./readings.ts";
import { collect } from "./readings.ts";

/**
 * What the value with the code `C.D.E` is, in the quantity's own unit, of a meter whose power has a sign (16.7.0);
 * undefined when it is not read. Power to the grid alone (2.7.0) would contradict the other.
 */
export function obisLeaf(code: string): Leaf | undefined {
  const leaf = byCode.get(code);
  if (leaf?.channel === undefined) return leaf;
  const { channel: _, ...whole } = leaf;
  return leaf.direction === undefined ? undefined : whole;
}

/** As the P1 port sends it: what flows to the grid has a channel of its own (see `exportChannel`). */
const byCode = leafTable({
  ...registers(1, "import"),
  ...registers(2, "export"),
  "3.8.0": { quantity: "energy_reactive", direction: "import", period: "total" },
  "4.8.0": { quantity: "energy_reactive", direction: "export", period: "total", channel: exportChannel },
  "1.7.0": gauge("power_active"),
  "2.7.0": exportPower(),
  "3.7.0": gauge("power_reactive"),
  "9.7.0": gauge("power_apparent"),
  "13.7.0": gauge("power_factor"),
  "14.7.0": gauge("frequency"),
  "16.7.0": gauge("power_active"),
  "91.7.0": gauge("current", { phase: "N" }),
  ...ofPhase(20, "L1"),
  ...ofPhase(40, "L2"),
  ...ofPhase(60, "L3"),
});

/** Registers in total and by tariff. */
function registers(group: number, direction: Direction): Record<string, Leaf> {
  const place = {
    quantity: "energy_active" as const,
    direction,
    ...(direction === "export" && { channel: exportChannel }),
  };
  return {
    [`${group}.8.0`]: { ...place, period: "total" },
    [`${group}.8.1`]: { ...place, period: "tariff1" },
    [`${group}.8.2`]: { ...place, period: "tariff2" },
  };
}

/** The groups of a phase are those of the sum, 20, 40 or 60 further on. */
function ofPhase(base: number, phase: Phase): Record<string, Leaf> {
  const of = (quantity: Quantity) => gauge(quantity, { phase });
  return {
    [`${base + 1}.7.0`]: of("power_active"),
    [`${base + 2}.7.0`]: exportPower({ phase }),
    [`${base + 11}.7.0`]: of("current"),
    [`${base + 12}.7.0`]: of("voltage"),
    [`${base + 13}.7.0`]: of("power_factor"),
    [`${base + 16}.7.0`]: of("power_active"),
  };
}

/** The largest telegrams have about sixty lines. */
const mostLines = 500;
const telegramLine = /^\d{1,3}-\d{1,3}:(\d{1,3}\.\d{1,3}\.\d{1,3})(?:\.255|\*255)?\(([^()]{1,32})\)$/;

/** Whether a text is a telegram as the P1 port sends it: it begins with the meter's identification. */
export function isTelegram(text: string): boolean {
  return /^\s*\/\w/.test(text) && text.includes("(");
}

/** Reads the lines of a telegram that are whole and known, such as `1-0:1.8.0(00016867.262*kWh)`. */
export function readTelegram(text: string, collected: Collected): void {
  for (const line of text.split(/\r?\n/, mostLines)) {
    const [, code = "", value = ""] = telegramLine.exec(line.trim()) ?? [];
    const leaf = byCode.get(code);
    if (!leaf) continue;
    const { quantity, meaning, ...place } = leaf;
    collect(collected, value.replace("*", " "), { name: code, quantity, ...(meaning && { meaning }) }, place);
  }
}
