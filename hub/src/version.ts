import { readFileSync } from "node:fs";
import path from "node:path";

/** The hub's version, from its package. */
export const version: string = JSON.parse(
  readFileSync(path.join(import.meta.dirname, "../package.json"), "utf8"),
).version;

/** When it was made, epoch milliseconds: no true time is earlier. To be set anew with each release. */
export const releasedMs: number = Date.UTC(2026, 10, 1);
