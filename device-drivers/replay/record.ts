/** Records a broker's messages as JSON lines: `npm run record -- OUT.jsonl`; see `--help`. */

import { FlagError, type RecordFlags, readRecordFlags, recordUsage } from "./flags.ts";
import { RecordError, record } from "./run-record.ts";

function flagsOrExit(): RecordFlags {
  try {
    // npm runs scripts in the project's folder and tells where it was called.
    const flags = readRecordFlags(process.argv.slice(2), process.env.INIT_CWD ?? process.cwd());
    if (flags) return flags;
    console.log(recordUsage);
    process.exit(0);
  } catch (error) {
    if (!(error instanceof FlagError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}

const stop = new AbortController();
process.on("SIGINT", () => stop.abort());
process.on("SIGTERM", () => stop.abort());
const print = (sentence: string) => console.error(sentence);
try {
  await record(flagsOrExit(), { nowMs: Date.now, print, stop: stop.signal, stdout: process.stdout });
  process.exit(0);
} catch (error) {
  if (!(error instanceof RecordError)) throw error;
  print(error.message);
  process.exit(1);
}
