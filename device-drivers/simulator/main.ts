/** Starts the simulated home from the command line; see `--help`. */

import { FlagError, type Flags, readFlags, usage } from "./flags.ts";
import { startSimulator } from "./simulator.ts";

function flagsOrExit(): Flags {
  try {
    const flags = readFlags(process.argv.slice(2), Date.now());
    if (flags) return flags;
    console.log(usage);
    process.exit(0);
  } catch (error) {
    if (!(error instanceof FlagError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}

const flags = flagsOrExit();
// From the environment, where other programs of the machine do not see it.
const { FAIBAN_MQTT_USERNAME: username, FAIBAN_MQTT_PASSWORD: password } = process.env;
const simulator = startSimulator(flags, {
  nowMs: Date.now,
  print: (line) => console.error(line),
  credential: username && password ? { username, password } : null,
});

let closing = false;
async function stop(): Promise<void> {
  if (closing) return;
  closing = true;
  await simulator.close();
  process.exit(0);
}

process.on("SIGINT", () => void stop());
process.on("SIGTERM", () => void stop());
// Started by a hub that is gone, even by SIGKILL: a home of its own would get in the way of the next one's.
process.on("disconnect", () => void stop());
await simulator.filled;
if (flags.once) await stop();
