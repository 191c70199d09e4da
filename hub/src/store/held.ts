/**
 * Readings taken while the hub did not know the time: durable, but of no series until it does. Those stamped on
 * arrival move by the clock's correction; a meter's own time stays.
 */
import { emptyReadings, pushReading, type Readings } from "../energy/readings.ts";
import type { Db } from "./database.ts";
import { createEntryEncoder, type DamagedRecord, decodeEntries } from "./journal.ts";

interface HeldReading {
  seriesId: number;
  timeMs: number;
  value: number;
  isOwnTime: boolean;
}

export function heldTable(db: Db, onDamaged: (record: DamagedRecord) => void) {
  const insert = db.prepare("INSERT INTO held (is_own_time, data) VALUES (?, ?)");
  const all = db.prepare("SELECT id, is_own_time AS isOwnTime, data FROM held ORDER BY id");
  const deleteUpTo = db.prepare("DELETE FROM held WHERE id <= ?");
  const encode = createEntryEncoder();
  /** Not on the disk yet, by series id: stamped on arrival, and with the meter's own time. */
  const fresh = { arrival: new Map<number, Readings>(), own: new Map<number, Readings>() };

  return {
    add({ seriesId, timeMs, value, isOwnTime }: HeldReading): void {
      const bySeries = isOwnTime ? fresh.own : fresh.arrival;
      const readings = bySeries.get(seriesId) ?? emptyReadings();
      pushReading(readings, timeMs, value);
      bySeries.set(seriesId, readings);
    },
    hasFresh: () => fresh.arrival.size + fresh.own.size > 0,
    /** Puts what was added on the disk; `onWritten` forgets it, once the transaction has succeeded. */
    write(): void {
      for (const [isOwnTime, bySeries] of [fresh.arrival, fresh.own].entries()) {
        if (bySeries.size === 0) continue;
        insert.run(isOwnTime, encode([...bySeries].map(([seriesId, readings]) => ({ seriesId, readings }))));
      }
    },
    onWritten(): void {
      fresh.arrival.clear();
      fresh.own.clear();
    },
    /** All on the disk, in the order in which they came, with the records that they are in. */
    *read(): Generator<HeldReading & { recordId: number }> {
      for (const { id, isOwnTime, data } of all.all() as { id: number; isOwnTime: number; data: Uint8Array }[]) {
        try {
          for (const { seriesId, readings } of decodeEntries(data)) {
            for (let at = 0; at < readings.length; at++) {
              const [timeMs, value] = [readings.times[at]!, readings.values[at]!];
              yield { recordId: id, seriesId, timeMs, value, isOwnTime: isOwnTime === 1 };
            }
          }
        } catch (error) {
          onDamaged({ id, reason: (error as Error).message });
        }
      }
    },
    isEmpty: () => fresh.arrival.size + fresh.own.size === 0 && all.get() === undefined,
    /** The newest time given on arrival, null when none is held. */
    newestMs(): number | null {
      let newest: number | null = null;
      for (const { timeMs, isOwnTime } of this.read()) {
        if (!isOwnTime && (newest === null || timeMs > newest)) newest = timeMs;
      }
      return newest;
    },
    /** Deletes records up to and with this one. */
    removeUpTo: (recordId: number) => void deleteUpTo.run(recordId),
  };
}
