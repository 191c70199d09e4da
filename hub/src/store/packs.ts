/**
 * Packs: columns that are written together lie behind each other in one row. A row of its own for each would leave a
 * fifth of every database page empty, since few columns fit a page and none fits it evenly.
 */
import { checked, withChecksum } from "./bytes.ts";
import type { Db } from "./database.ts";

/** A pack with more is closed: reading one column passes over those before it. */
const fullBytes = 64 * 1024;

/** Where a column lies. */
export interface ColumnPlace {
  at: number;
  length: number;
}

export type PackTable = ReturnType<typeof packTable>;

export function packTable(db: Db) {
  const create = db.prepare("INSERT INTO pack (data) VALUES (x'')");
  const fill = db.prepare("UPDATE pack SET data = ? WHERE id = ?");
  const part = db.prepare("SELECT substr(data, ? + 1, ?) FROM pack WHERE id = ?").pluck();
  const remove = db.prepare("DELETE FROM pack WHERE id = @id AND NOT EXISTS (SELECT 1 FROM chunk WHERE pack_id = @id)");
  const removeUnused = db.prepare("DELETE FROM pack WHERE id NOT IN (SELECT pack_id FROM chunk)");
  let open: { id: number; columns: Uint8Array[]; length: number } | null = null;

  /** The id of the pack that columns are put into. */
  function openId(): number {
    open ??= { id: Number(create.run().lastInsertRowid), columns: [], length: 0 };
    return open.id;
  }

  /** Writes the open pack; to be called before its transaction ends, and before it is read. */
  function close(): void {
    if (!open) return;
    const { changes } = fill.run(Buffer.concat(open.columns), open.id);
    if (changes !== 1) throw new Error("the open pack is of a transaction that was rolled back");
    open = null;
  }

  return {
    openId,
    isOpen: (id: number) => open?.id === id,
    isFull: () => open !== null && open.length >= fullBytes,
    /** Puts a column into the open pack. */
    put(column: Uint8Array): ColumnPlace {
      openId();
      const bytes = withChecksum(column);
      const place = { at: open!.length, length: bytes.length };
      open!.columns.push(bytes);
      open!.length += bytes.length;
      return place;
    },
    close,
    /** The transaction of the open pack was rolled back. */
    forget(): void {
      open = null;
    },
    /** A column of a pack that is closed. Throws a RangeError when it is damaged. */
    get(id: number, { at, length }: ColumnPlace): Uint8Array {
      const bytes = part.get(at, length, id) as Uint8Array | undefined;
      if (!bytes) throw new RangeError("its pack is gone");
      return checked(bytes);
    },
    /** Deletes a pack that no chunk lies in any more. */
    removeIfUnused: (id: number) => open?.id !== id && remove.run({ id }).changes > 0,
    removeUnused: () => void removeUnused.run(),
  };
}
