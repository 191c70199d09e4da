/** The simulated home beside the hub: a process of its own that speaks MQTT like real meters. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Config } from "./config.ts";
import type { Log } from "./log.ts";

export interface DemoOptions {
  config: Config;
  mqttPort: number;
  nowMs: number;
  /** Up to when the hub has the home's history already. */
  filledToMs: number | null;
  /** What the simulated devices show to the broker. */
  credential: { username: string; password: string };
  log: Log;
}

const simulator = path.join(import.meta.dirname, "../../device-drivers/simulator/main.ts");
const historyDays = 30;
const dayMs = 24 * 3600_000;

/** Starts the simulated home; it fills in what the hub lacks of the last days, then goes on live. */
export function startDemo({ config, mqttPort, nowMs, filledToMs, credential, log }: DemoOptions) {
  const sinceMs = firstDay(config.data, nowMs - historyDays * dayMs);
  const fillFromMs = Math.max(sinceMs, filledToMs ?? 0, nowMs - historyDays * dayMs);
  const child: ChildProcess = spawn(
    process.execPath,
    [
      simulator,
      ...["--to", `mqtt://127.0.0.1:${mqttPort}`],
      ...["--home", config.homeId],
      ...["--time-zone", config.timeZone],
      ...["--since", new Date(sinceMs).toISOString()],
      ...["--fill-from", new Date(fillFromMs).toISOString()],
    ],
    {
      env: {
        ...process.env,
        FAIBAN_MQTT_USERNAME: credential.username,
        FAIBAN_MQTT_PASSWORD: credential.password,
      },
      // The channel is how the child notices when this process is gone.
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    },
  );
  child.once("exit", (code) => {
    if (code) log.error(`The simulated home stopped with code ${code}; start the hub again to start it again.`);
  });
  return {
    async close(): Promise<void> {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 3_000);
      await gone;
      clearTimeout(timer);
    },
  };
}

/** The day the simulated home moved in, the same at every start, so that its registers go on. */
function firstDay(folder: string, newMs: number): number {
  const file = path.join(folder, "demo.json");
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")).sinceMs;
  writeFileSync(file, JSON.stringify({ sinceMs: newMs }));
  return newMs;
}
