/** Replays a recording to a broker: `npm run replay -- FILE`; see `--help`. */

import { FlagError, type ReplayFlags, readReplayFlags, replayUsage } from "./flags.ts";
import { replay } from "./run-replay.ts";

function flagsOrExit(): ReplayFlags {
  try {
    // npm runs scripts in the project's folder and tells where it was called.
    const flags = readReplayFlags(process.argv.slice(2), process.env.INIT_CWD ?? process.cwd());
    if (flags) return flags;
    console.log(replayUsage);
    process.exit(0);
  } catch (error) {
    if (!(error instanceof FlagError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}

const stop = new AbortController();
const onSignal = () => {
  // The second time it ends at once, acknowledged or not.
  if (stop.signal.aborted) process.exit(130);
  stop.abort();
};
process.on("SIGINT", onSignal);
process.on("SIGTERM", onSignal);
const print = (sentence: string) => console.error(sentence);
const { complete } = await replay(flagsOrExit(), { nowMs: Date.now, print, stop: stop.signal });
process.exit(complete ? 0 : 1);
