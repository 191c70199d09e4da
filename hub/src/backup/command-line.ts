/** What the commands `backup` and `restore` share: paths, progress on a terminal, signals, and how they end. */
import { readdirSync } from "node:fs";
import path from "node:path";
import { type Config, readConfig } from "../config.ts";
import { HubError } from "../errors.ts";
import type { OnProgress, Progress } from "./progress.ts";

/** A path as the person who typed it means it: npm runs scripts in the project's folder, and tells where it was called. */
export function typedPath(text: string): string {
  return path.resolve(process.env.INIT_CWD ?? process.cwd(), text);
}

/** Data folder and time zone, found as the hub finds them. Throws HubError CONFIG_INVALID. */
export function hubSettings({ data, config }: { data?: string | undefined; config?: string | undefined }): Config {
  const { FAIBAN_DATA, FAIBAN_TIME_ZONE, FAIBAN_CONFIG, FAIBAN_HOME_ID } = process.env;
  const given = Object.entries({ data, config }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}=${value}`],
  );
  return readConfig({
    flags: given,
    environment: { FAIBAN_DATA, FAIBAN_TIME_ZONE, FAIBAN_CONFIG, FAIBAN_HOME_ID },
    folder: process.cwd(),
  });
}

/** The newest database that this hub knows: `user_version` counts the migrations that a database has had. */
export function newestSchemaVersion(): number {
  const migrations = path.join(import.meta.dirname, "../store/migrations");
  return readdirSync(migrations).filter((name) => name.endsWith(".sql")).length;
}

/** A time in the home's time zone, fit for a file's name: 2026-03-31-235959. */
export function stamp(timeMs: number, timeZone: string): string {
  const local = Temporal.Instant.fromEpochMilliseconds(timeMs).toZonedDateTimeISO(timeZone).toPlainDateTime();
  return local.toString({ smallestUnit: "second" }).replace("T", "-").replaceAll(":", "");
}

/** A time in the home's time zone, for reading: 2026-03-31 23:59:59. */
export function shownTime(timeMs: number, timeZone: string): string {
  const local = Temporal.Instant.fromEpochMilliseconds(timeMs).toZonedDateTimeISO(timeZone).toPlainDateTime();
  return local.toString({ smallestUnit: "second" }).replace("T", " ");
}

/** "1 meter", "12 meters". */
export function shownMeters(count: number): string {
  return `${count} ${count === 1 ? "meter" : "meters"}`;
}

const phases: Record<Progress["phase"], string> = {
  copy: "Copying the database",
  write: "Compressing and encrypting",
  read: "Reading the backup",
};

/** Shows progress in one line of a terminal; undefined when the output is none. */
export function terminalProgress(): OnProgress | undefined {
  if (!process.stdout.isTTY) return undefined;
  let shown = "";
  return ({ phase, done, total }) => {
    const text = `${phases[phase]} ${Math.floor((100 * done) / Math.max(total, 1))} %`;
    if (text === shown) return;
    shown = text;
    process.stdout.write(`\r\u001b[K${text}${done >= total ? "\r\u001b[K" : ""}`); // ESC [K clears the line
  };
}

/**
 * Runs a command and ends the process: 0 when it is done, 1 when it failed or was stopped. The first signal stops it in
 * order, a second one at once (what is left behind then is removed the next time).
 */
export async function runCommand(command: (signal: AbortSignal) => Promise<void>): Promise<never> {
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => (stop.signal.aborted ? process.exit(1) : stop.abort()));
  }
  try {
    await command(stop.signal);
    process.exit(0);
  } catch (error) {
    if (stop.signal.aborted) console.error("Stopped; nothing was changed.");
    else if (error instanceof HubError) console.error(`${error.message}. ${error.hint} (${error.code})`);
    else if (isWrongFlag(error)) console.error(`${error.message}. Run with --help to see all flags.`);
    else console.error(error);
    process.exit(1);
  }
}

function isWrongFlag(error: unknown): error is Error {
  return error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS_");
}
