/** Settings: defaults, then a file, then the environment, then flags; each checked, with a hint when it is wrong. */
import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { isTimeZone } from "./energy/calendar.ts";
import { HubError } from "./errors.ts";
import { type LogLevel, logLevels } from "./log.ts";

export interface Config {
  /** Absolute path of the data folder. */
  data: string;
  httpHost: string;
  /** 0 picks a free port. */
  httpPort: number;
  mqttHost: string;
  mqttPort: number;
  homeId: string;
  homeName: string;
  timeZone: string;
  currency: string;
  pricePerKwh: number;
  commitIntervalMs: number;
  logLevel: LogLevel;
  demo: boolean;
}

interface Setting<T> {
  default: T;
  /** What the setting is, for the help text. */
  about: string;
  /** What values are right, as the end of "it must be …". */
  must: string;
  /** The value of the text, or undefined when it is wrong. */
  read(text: string): T | undefined;
}

const port = (about: string, defaultPort: number): Setting<number> => ({
  default: defaultPort,
  about,
  must: "a whole number from 0 to 65535 (0 picks a free port)",
  read: (text) => (/^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined),
});

const text = (about: string, defaultText: string, must: string, pattern: RegExp): Setting<string> => ({
  default: defaultText,
  about,
  must,
  read: (value) => (pattern.test(value) ? value : undefined),
});

const number = (about: string, defaultNumber: number, least: number, most: number): Setting<number> => ({
  default: defaultNumber,
  about,
  must: `a number from ${least} to ${most}`,
  read(value) {
    const read = value.trim() === "" ? Number.NaN : Number(value);
    return read >= least && read <= most ? read : undefined;
  },
});

const settings: { [K in keyof Config]: Setting<Config[K]> } = {
  data: text("Folder of everything the hub keeps", "data", "a path", /^[^\0]+$/),
  httpHost: text("Address that the app is served on", "0.0.0.0", "an address of this machine", /^[\w.:-]+$/),
  httpPort: port("Port of the app and the API", 8080),
  mqttHost: text("Address that meters connect to", "0.0.0.0", "an address of this machine", /^[\w.:-]+$/),
  mqttPort: port("Port of MQTT", 1883),
  homeId: text("Id of the home in topics", "home", "1 to 64 letters, digits, _ or -", /^[\w-]{1,64}$/),
  homeName: text("Name of the home", "Home", "1 to 64 characters", /^.{1,64}$/u),
  timeZone: {
    default: "Asia/Bangkok",
    about: "Time zone that days and months begin in",
    must: "a name such as Asia/Bangkok or Europe/London",
    read: (value) => (isTimeZone(value) ? value : undefined),
  },
  currency: text("Currency of prices", "THB", "three capital letters such as THB or EUR", /^[A-Z]{3}$/),
  // 400 kWh and more on the Thai residential tariff: (4.4217 + Ft 0.1572) × 1.07 VAT is 4.90 at the margin, 4.5 on average.
  pricePerKwh: number("Flat price of a kWh, until a tariff is set", 4.5, 0, 10_000),
  commitIntervalMs: number("How long readings without acknowledgement may wait for the disk, ms", 10_000, 10, 600_000),
  logLevel: {
    default: "info",
    about: "How much is logged",
    must: `one of ${logLevels.join(", ")}`,
    read: (value) => logLevels.find((level) => level === value),
  },
  demo: {
    default: false,
    about: "Run a simulated home on the hub, in a data folder of its own",
    must: "true or false",
    read: (value) => (value === "true" ? true : value === "false" ? false : undefined),
  },
};

export interface ConfigSources {
  flags: readonly string[];
  environment: Record<string, string | undefined>;
  /** What paths are relative to. */
  folder: string;
}

/** Read by other programs of the project. */
const otherVariables = ["FAIBAN_CONFIG", "FAIBAN_CHROMIUM", "FAIBAN_BACKUP_PASSPHRASE"];

/** Variables named like settings that are none, such as a mistyped one, each with the names most like it. */
export function unknownVariables(environment: Record<string, string | undefined>): { name: string; near: string[] }[] {
  const known = [...Object.keys(settings).map(environmentName), ...otherVariables];
  const unknown = Object.keys(environment).filter((name) => name.startsWith("FAIBAN_") && !known.includes(name));
  const nearest = (name: string) => known.toSorted((a, b) => distance(name, a) - distance(name, b)).slice(0, 2);
  return unknown.map((name) => ({ name, near: nearest(name) }));
}

/** How many letters must be added, removed or replaced to make one text the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}

/** The help text of the hub's command line. */
export function configHelp(): string {
  const lines = Object.entries(settings).map(
    ([name, setting]) =>
      `  --${flagName(name).padEnd(20)} ${setting.about} (${environmentName(name)}, default ${setting.default})`,
  );
  return ["Settings, as flags, as environment, or as keys of a JSON file named by --config:", ...lines].join("\n");
}

/** Reads all settings. Throws HubError CONFIG_INVALID that names the setting, the value and the fix. */
export function readConfig({ flags, environment, folder }: ConfigSources): Config {
  const flagValues = readFlags(flags);
  const configFile = flagValues.config || environment.FAIBAN_CONFIG || undefined;
  const fileValues = configFile === undefined ? {} : readFile(path.resolve(folder, configFile));
  const config = {} as Record<string, unknown>;
  for (const [name, setting] of Object.entries(settings) as [keyof Config, Setting<unknown>][]) {
    const candidates = [
      { value: flagValues[flagName(name)], source: `--${flagName(name)}` },
      { value: environment[environmentName(name)], source: environmentName(name) },
      { value: fileValues[name], source: `"${name}" in ${configFile}` },
    ];
    const given = candidates.find(({ value }) => value !== undefined && value !== "");
    config[name] = given ? readSetting(setting, String(given.value), given.source) : setting.default;
  }
  return finish(config as unknown as Config, folder);
}

function finish(config: Config, folder: string): Config {
  const usesDefaultData = config.data === settings.data.default;
  // The simulated home never mixes with a real one.
  const data = config.demo && usesDefaultData ? "data-demo" : config.data;
  return { ...config, data: path.resolve(folder, data) };
}

function readSetting(setting: Setting<unknown>, value: string, source: string): unknown {
  const read = setting.read(value);
  if (read !== undefined) return read;
  throw new HubError("CONFIG_INVALID", `${source} is "${value}"`, `Set it to ${setting.must}.`);
}

function readFlags(flags: readonly string[]): Record<string, string> {
  const names = Object.keys(settings).map(flagName);
  const options = Object.fromEntries(
    [...names, "config"].map((name) => [name, { type: name === "demo" ? "boolean" : "string" } as const]),
  );
  try {
    // A flag that is a switch may also be given its value.
    const switches: Record<string, string> = { "--demo=true": "--demo", "--demo=false": "--no-demo" };
    const args = flags.map((flag) => switches[flag] ?? flag);
    const { values } = parseArgs({ args, options, strict: true, allowNegative: true });
    return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
  } catch (cause) {
    throw new HubError("CONFIG_INVALID", (cause as Error).message, "Run with --help to see all settings.", { cause });
  }
}

function readFile(file: string): Record<string, unknown> {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
    throw new HubError("CONFIG_INVALID", `There is no settings file ${file}`, "Correct --config, or make the file.");
  }
  let values: unknown;
  try {
    values = JSON.parse(readFileSync(file, "utf8").replace(/^\uFEFF/, "")); // Windows editors put a BOM first
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new HubError("CONFIG_INVALID", `${file} is not JSON: ${reason}`, "Correct the file.", { cause });
  }
  if (typeof values !== "object" || values === null || Array.isArray(values)) {
    throw new HubError("CONFIG_INVALID", `${file} is not a JSON object`, 'Write settings as {"httpPort": 8080}.');
  }
  const unknown = Object.keys(values).find((name) => !Object.hasOwn(settings, name));
  if (unknown !== undefined) {
    const names = Object.keys(settings).join(", ");
    throw new HubError("CONFIG_INVALID", `${file} has "${unknown}", which is no setting`, `Settings are ${names}.`);
  }
  return values as Record<string, unknown>;
}

function flagName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** httpPort is FAIBAN_HTTP_PORT. */
export function environmentName(name: string): string {
  return `FAIBAN_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}
