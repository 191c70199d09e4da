/** Bills of past cycles as they were made, and what the utility's own bills say. */
import type { BillRow, PaperRow } from "../records.ts";
import type { Db } from "./database.ts";

/** A cycle's dates, as `cycle_start` and `cycle_end`. */
interface Dates {
  start: string;
  end: string;
}

export function billTables(db: Db) {
  const bill = db.prepare(
    `SELECT cycle_start AS cycleStart, cycle_end AS cycleEnd, made_ms AS madeMs, total_satang AS totalSatang, bill,
     made_from AS madeFrom FROM bill WHERE cycle_start = @start AND cycle_end = @end`,
  );
  const first = db.prepare("SELECT min(cycle_start) FROM bill").pluck();
  const save = db.prepare(
    `INSERT OR REPLACE INTO bill (cycle_start, cycle_end, made_ms, total_satang, bill, made_from)
     VALUES (@cycleStart, @cycleEnd, @madeMs, @totalSatang, @bill, @madeFrom)`,
  );
  const paper = db.prepare(
    `SELECT total_satang AS totalSatang, kwh, noted_ms AS notedMs FROM paper_bill
     WHERE cycle_start = @start AND cycle_end = @end`,
  );
  const savePaper = db.prepare(
    `INSERT OR REPLACE INTO paper_bill (cycle_start, cycle_end, total_satang, kwh, noted_ms)
     VALUES (@start, @end, @totalSatang, @kwh, @notedMs)`,
  );
  const removePaper = db.prepare("DELETE FROM paper_bill WHERE cycle_start = @start AND cycle_end = @end");
  return {
    bill: ({ start, end }: Dates) => (bill.get({ start, end }) as BillRow | undefined) ?? null,
    /** The first date that a stored bill is of; null without any. */
    firstStart: () => first.get() as string | null,
    /** Takes the place of the cycle's earlier bill. */
    saveBill: (row: BillRow) => void save.run(row),
    paper: ({ start, end }: Dates) => (paper.get({ start, end }) as PaperRow | undefined) ?? null,
    savePaper: ({ start, end }: Dates, row: PaperRow) => void savePaper.run({ start, end, ...row }),
    removePaper: ({ start, end }: Dates) => void removePaper.run({ start, end }),
  };
}
