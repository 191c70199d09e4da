/** The hub's log: one line per event, for people and for the system's journal. */

export const logLevels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];
export type Log = Record<LogLevel, (text: string) => void>;

/** A log that drops what is below `level`; warnings and errors go to standard error. */
export function createLog(level: LogLevel): Log {
  const least = logLevels.indexOf(level);
  const write = (of: LogLevel) => (text: string) => {
    if (logLevels.indexOf(of) < least) return;
    const line = `${new Date().toISOString()} ${of.padEnd(5)} ${text}\n`;
    (of === "warn" || of === "error" ? process.stderr : process.stdout).write(line);
  };
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}
