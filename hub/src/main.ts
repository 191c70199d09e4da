/** The hub's command line: settings, start, signals. */
import { machineStartedMs, openSystemClock, readBootId } from "./clock/system-clock.ts";
import { type Config, configHelp, readConfig, unknownVariables } from "./config.ts";
import { startDemo } from "./demo.ts";
import { HubError } from "./errors.ts";
import { type Hub, startHub } from "./hub.ts";
import { shownHost } from "./lan-address.ts";
import { createLog } from "./log.ts";
import { version } from "./version.ts";

async function main(): Promise<void> {
  process.umask(0o077); // what the hub writes is its own user's alone
  const flags = process.argv.slice(2);
  if (flags.includes("--help")) return console.log(configHelp());
  const config = readConfig({ flags, environment: process.env, folder: process.cwd() });
  const log = createLog(config.logLevel);
  for (const { name, near } of unknownVariables(process.env)) {
    log.warn(`${name} is no setting; did you mean ${near.join(" or ")}? --help lists them all.`);
  }
  const world = await openSystemClock();
  const machine = { bootId: readBootId(), machineStartedMs: machineStartedMs() };
  const hub = await startHub({ config, log, world, ...machine });
  const demo = config.demo
    ? startDemo({
        ...{ config, log, mqttPort: hub.mqttPort, nowMs: Date.now(), filledToMs: hub.filledToMs() },
        credential: hub.credentialFor("Simulated home"),
      })
    : null;
  stopOnSignal(async () => {
    await demo?.close();
    await hub.close();
    world.close();
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
  const address = shownHost(config.httpHost);
  const claimCode = hub.claimCode();
  return [
    "",
    `Faiban ${version}${config.demo ? " with a simulated home" : ""}`,
    `  App     http://localhost:${hub.httpPort}${address ? ` or http://${address}:${hub.httpPort}` : ""}`,
    `  Meters  mqtt://${shownHost(config.mqttHost) ?? "localhost"}:${hub.mqttPort}`,
    ...(hub.httpsPort ? [`  https   https://${address ?? "localhost"}:${hub.httpsPort} (see /trust in the app)`] : []),
    `  API     http://localhost:${hub.httpPort}/api/docs`,
    `  Data    ${config.data}`,
    ...(claimCode ? [`  Claim   the hub has no owner yet: open the app and give the code ${claimCode}`] : []),
    "",
  ].join("\n");
}

function fail(error: unknown): never {
  if (error instanceof HubError) console.error(`${error.message}. ${error.hint} (${error.code})`);
  else console.error(error);
  process.exit(1);
}

main().catch(fail);
