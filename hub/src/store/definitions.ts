/** What messages said about other topics. */
import type { StoredDefinitions } from "@faiban/device-drivers";
import type { Db } from "./database.ts";

export function definitionTable(db: Db) {
  const all = db.prepare("SELECT dialect, source, list FROM definition ORDER BY dialect, source");
  const save = db.prepare(
    "INSERT OR REPLACE INTO definition (dialect, source, list) VALUES (@dialect, @source, @list)",
  );
  const remove = db.prepare("DELETE FROM definition WHERE dialect = @dialect AND source = @source");
  return {
    load: (): StoredDefinitions[] =>
      (all.all() as { dialect: string; source: string; list: string }[]).map((row) => ({
        ...row,
        list: JSON.parse(row.list),
      })),
    /** Takes the place of what is stored of this dialect and source; an empty list removes it. */
    save({ dialect, source, list }: StoredDefinitions): void {
      if (list.length === 0) remove.run({ dialect, source });
      else save.run({ dialect, source, list: JSON.stringify(list) });
    },
  };
}
