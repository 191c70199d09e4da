import { readFileSync } from "node:fs";
import path from "node:path";

/** The hub's version, from its package. */
export const version: string = JSON.parse(
  readFileSync(path.join(import.meta.dirname, "../package.json"), "utf8"),
).version;
