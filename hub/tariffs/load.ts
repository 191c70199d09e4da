/** Reads the tariff files of a folder into one book. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { readBook, type TariffBook } from "../src/billing/book.ts";
import { BillingError } from "../src/billing/errors.ts";

/** The tariffs of this folder, and of more folders, whose files of the same name replace these. */
export function loadTariffs(...moreFolders: readonly string[]): TariffBook {
  return readBook(readTariffFiles(...moreFolders));
}

/** The files that such a book is made of; throws a BillingError for one that is no JSON. */
export function readTariffFiles(...moreFolders: readonly string[]): { name: string; content: unknown }[] {
  const files = new Map<string, unknown>();
  for (const folder of [import.meta.dirname, ...moreFolders]) {
    for (const name of readdirSync(folder).toSorted()) {
      if (name.endsWith(".json")) files.set(name, parse(path.join(folder, name)));
    }
  }
  return [...files].map(([name, content]) => ({ name, content }));
}

function parse(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new BillingError(`${file} cannot be read: ${(error as Error).message}`, "It must be a file of JSON");
  }
}
