/** The broker's own database of retained and queued messages. SQLite is the hub's truth; this one may be lost. */
import { rename } from "node:fs/promises";
import path from "node:path";
import { Level } from "level";
import { HubError } from "../errors.ts";
import type { Log } from "../log.ts";

/**
 * Opens it; a damaged one (as after a power cut) is set aside and begun anew, so that it never stops the hub:
 * retained states come again when their devices connect.
 */
export async function openLevel(folder: string, log: Log): Promise<Level> {
  const location = path.join(folder, "mqtt");
  try {
    return await open(location);
  } catch (error) {
    if (codeOf(error) === "LEVEL_LOCKED") throw inUse(folder, error);
    if (!isDamage(error)) throw unwritable(folder, error);
    const aside = `${location}.damaged-${Date.now()}`;
    log.warn(`The broker's memory could not be read and starts anew; the old one is in ${aside}`);
    await rename(location, aside);
    return await open(location);
  }
}

async function open(location: string): Promise<Level> {
  const level = new Level(location);
  await level.open();
  return level;
}

function codeOf(error: unknown): string | undefined {
  return (error as { cause?: { code?: string } }).cause?.code;
}

/** LevelDB says so itself, or a file that it counts on is gone. A full disk or a missing right is no damage. */
export function isDamage(error: unknown): boolean {
  const reason = String((error as { cause?: Error }).cause?.message ?? error);
  const isPartGone = /\/(CURRENT|MANIFEST-\d+|\d+\.(ldb|sst|log)): No such file/.test(reason);
  return codeOf(error) === "LEVEL_CORRUPTION" || isPartGone;
}

function unwritable(folder: string, cause: unknown): HubError {
  return new HubError(
    "DATA_UNWRITABLE",
    `The broker cannot keep its messages in ${folder}: ${(cause as { cause?: Error }).cause?.message ?? cause}`,
    "Free some space on the disk, or choose another folder with FAIBAN_DATA.",
    { cause },
  );
}

function inUse(folder: string, cause: unknown): HubError {
  return new HubError(
    "DATA_IN_USE",
    `Another hub uses the data folder ${folder}`,
    "Stop that hub, or choose another folder with FAIBAN_DATA.",
    { cause },
  );
}
