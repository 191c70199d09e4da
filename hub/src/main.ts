/** The hub's command line: settings, start, signals. */
import { networkInterfaces } from "node:os";
import { type Config, configHelp, readConfig, unknownVariables } from "./config.ts";
import { startDemo } from "./demo.ts";
import { HubError } from "./errors.ts";
import { type Hub, startHub } from "./hub.ts";
import { createLog } from "./log.ts";
import { version } from "./version.ts";

async function main(): Promise<void> {
  const flags = process.argv.slice(2);
  if (flags.includes("--help")) return console.log(configHelp());
  const config = readConfig({ flags, environment: process.env, folder: process.cwd() });
  const log = createLog(config.logLevel);
  for (const name of unknownVariables(process.env)) log.warn(`${name} is no setting; --help lists them all.`);
  const hub = await startHub({ config, log, nowMs: Date.now });
  const demo = config.demo
    ? startDemo({ config, log, mqttPort: hub.mqttPort, nowMs: Date.now(), filledToMs: hub.filledToMs() })
    : null;
  stopOnSignal(async () => {
    await demo?.close();
    await hub.close();
  });
  console.log(banner(config, hub));
}

/** A stop that takes longer hangs on something: what was acknowledged is on the disk by then. */
const stopWithinMs = 5_000;

/** The first signal stops the hub in order; a second one at once. */
function stopOnSignal(stop: () => Promise<void>): void {
  let isStopping = false;
  const onSignal = () => {
    if (isStopping) process.exit(1);
    isStopping = true;
    setTimeout(() => {
      console.error(`The hub did not stop within ${stopWithinMs / 1000} seconds, and ends now.`);
      process.exit(1);
    }, stopWithinMs).unref();
    stop().then(() => process.exit(0), fail);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
}

function banner(config: Config, hub: Hub): string {
  const isAny = config.httpHost === "0.0.0.0" || config.httpHost === "::";
  const address = isAny ? lanAddress() : config.httpHost.includes(":") ? `[${config.httpHost}]` : config.httpHost;
  return [
    "",
    `Faiban ${version}${config.demo ? " with a simulated home" : ""}`,
    `  App     http://localhost:${hub.httpPort}${address ? ` or http://${address}:${hub.httpPort}` : ""}`,
    `  Meters  mqtt://${address ?? "localhost"}:${hub.mqttPort}`,
    `  API     http://localhost:${hub.httpPort}/api/docs`,
    `  Data    ${config.data}`,
    "",
  ].join("\n");
}

/** This machine's address on the home's network, null without one. */
function lanAddress(): string | null {
  const addresses = Object.values(networkInterfaces()).flat();
  return addresses.find((one) => one?.family === "IPv4" && !one.internal)?.address ?? null;
}

function fail(error: unknown): never {
  if (error instanceof HubError) console.error(`${error.message}. ${error.hint} (${error.code})`);
  else console.error(error);
  process.exit(1);
}

main().catch(fail);
