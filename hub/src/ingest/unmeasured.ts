/**
 * What devices said of themselves before they measured anything. A lamp, a sensor or a program that announces itself is no
 * meter yet; once it measures, what it said before is known of it.
 */
import type { MeterMessage } from "@faiban/device-drivers";

/** Far more than a home has lamps; the one heard of longest ago is forgotten. */
const mostNames = 2_000;

export type Unmeasured = ReturnType<typeof createUnmeasured>;

export function createUnmeasured() {
  const byName = new Map<string, MeterMessage>();

  function find(dialect: string, { meterId, alias }: MeterMessage): MeterMessage | undefined {
    return (
      byName.get(nameKey(dialect, meterId)) ?? (alias === undefined ? undefined : byName.get(nameKey(dialect, alias)))
    );
  }

  return {
    keep(dialect: string, about: MeterMessage): void {
      const known = find(dialect, about);
      // The message that has an alias besides has the stable id.
      const stable = about.alias === undefined && known?.alias !== undefined ? known : about;
      const all = { ...known, ...about, meterId: stable.meterId };
      for (const name of namesOf(all)) {
        byName.delete(nameKey(dialect, name)); // the newest is last
        byName.set(nameKey(dialect, name), all);
      }
      for (const oldest of byName.keys()) {
        if (byName.size <= mostNames) break;
        byName.delete(oldest);
      }
    },
    /** Gives back what was kept of a device, once. */
    take(dialect: string, about: MeterMessage): MeterMessage | undefined {
      const known = find(dialect, about);
      if (known) for (const name of namesOf(known)) byName.delete(nameKey(dialect, name));
      return known;
    },
  };
}

/** Whether a message says nothing that makes its sender a meter. */
export function isUnmeasured({ readings, relays }: MeterMessage): boolean {
  return readings.length === 0 && relays === undefined;
}

function namesOf({ meterId, alias }: MeterMessage): string[] {
  return alias === undefined ? [meterId] : [meterId, alias];
}

function nameKey(dialect: string, name: string): string {
  return `${dialect}\n${name}`;
}
