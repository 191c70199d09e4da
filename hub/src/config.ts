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
  /** Whether the app and MQTT are served encrypted too. */
  tls: "auto" | "on" | "off";
  /** null: 8443, or a free port when the app's own port is not the default. */
  httpsPort: number | null;
  /** null: 8883, or a free port when MQTT's own port is not the default. */
  mqttsPort: number | null;
  /** Further names by which the hub is reached. */
  hosts: readonly string[];
  certFile: string | null;
  keyFile: string | null;
  acmeDomain: string | null;
  acmeEmail: string | null;
  acmeProvider: AcmeProvider;
  /** The provider's API token, or the program that `command` runs. */
  acmeToken: string | null;
  acmeDirectory: string;
  /** Addresses or CIDR ranges of proxies in front of the hub. */
  trustedProxies: readonly string[];
  /** Where a proxy serves the app; begins and ends with a slash. */
  basePath: string;
  requestsPerMinute: number;
  mdns: boolean;
  /** Claims a new hub without the app; null leaves it to the app. */
  ownerName: string | null;
  ownerPassword: string | null;
  /** Lets MQTT clients on loopback do everything without a name: for conformance suites. */
  mqttAnonymous: boolean;
  /** The settings that somebody has set; the rest are defaults. */
  given: ReadonlySet<string>;
}

const acmeProviders = ["cloudflare", "desec", "duckdns", "command"] as const;
export type AcmeProvider = (typeof acmeProviders)[number];

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

/** A text that need not be given. */
const optional = (about: string, must: string, pattern: RegExp): Setting<string | null> => ({
  default: null,
  about,
  must,
  read: (value) => (pattern.test(value) ? value : undefined),
});

const list = (about: string, must: string, pattern: RegExp): Setting<readonly string[]> => ({
  default: [],
  about,
  must: `${must}, separated by commas`,
  read(value) {
    const items = value.split(",").map((item) => item.trim());
    return items.every((item) => pattern.test(item)) ? items : undefined;
  },
});

const choice = <T extends string>(about: string, choices: readonly T[], defaultChoice: T): Setting<T> => ({
  default: defaultChoice,
  about,
  must: `one of ${choices.join(", ")}`,
  read: (value) => choices.find((one) => one === value),
});

const trueOrFalse = "true or false";
const yesNo = (about: string, defaultValue: boolean): Setting<boolean> => ({
  default: defaultValue,
  about,
  must: trueOrFalse,
  read: (value) => (value === "true" ? true : value === "false" ? false : undefined),
});

const hostName = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i;

type Name = Exclude<keyof Config, "given">;

const settings: { [K in Name]: Setting<Config[K]> } = {
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
  logLevel: choice("How much is logged", logLevels, "info"),
  demo: yesNo("Run a simulated home on the hub, in a data folder of its own", false),
  tls: choice("Serve https and MQTT over TLS; auto: unless all is on loopback", ["auto", "on", "off"], "auto"),
  httpsPort: {
    ...port("Port of the app over https (8443, or a free one beside a port of your own)", 0),
    default: null,
  },
  mqttsPort: { ...port("Port of MQTT over TLS (8883, or a free one beside a port of your own)", 0), default: null },
  hosts: list("Further names of the hub, such as your own domain", "host names", hostName),
  certFile: optional("Certificate chain (PEM) of your own for https", "a path", /^[^\0]+$/),
  keyFile: optional("Key (PEM) of that certificate", "a path", /^[^\0]+$/),
  acmeDomain: optional("Domain to get a certificate for by ACME, over DNS", "a host name", hostName),
  acmeEmail: optional("Address that the certificate authority may write to", "an e-mail address", /^[^@\s]+@[^@\s]+$/),
  acmeProvider: choice("Who serves the domain's DNS", acmeProviders, "cloudflare"),
  acmeToken: optional("The DNS provider's API token, or the program that command runs", "a text", /^[^\0]+$/),
  acmeDirectory: text(
    "The certificate authority's ACME directory",
    "https://acme-v02.api.letsencrypt.org/directory",
    "an https address",
    /^https:\/\/\S+$/,
  ),
  trustedProxies: list(
    "Proxies in front of the hub",
    "addresses or ranges such as 10.0.0.0/8",
    /^[0-9a-f.:]+(\/\d{1,3})?$/i,
  ),
  basePath: text("Path that a proxy serves the app under", "/", "a path such as /faiban/", /^\/([\w.~-]+\/)*$/),
  requestsPerMinute: number("Requests a minute from one address", 1_200, 10, 1_000_000),
  mdns: yesNo("Make the hub known on the network as faiban-….local", true),
  ownerName: optional("Claims a new hub without the app: the owner's name", "1 to 64 characters", /^.{1,64}$/u),
  ownerPassword: optional("The owner's first password, with ownerName", "8 to 256 characters", /^.{8,256}$/u),
  mqttAnonymous: yesNo("For conformance suites: MQTT clients on loopback may do everything without a name", false),
};

/** What every program of the machine could read on the command line: only the environment or a file may have it. */
const secretFlags = ["owner-password", "acme-token"];

export interface ConfigSources {
  flags: readonly string[];
  environment: Record<string, string | undefined>;
  /** What paths are relative to. */
  folder: string;
}

/** Read by other programs of the project. */
const otherVariables = [
  "FAIBAN_CONFIG",
  "FAIBAN_CHROMIUM",
  "FAIBAN_BACKUP_PASSPHRASE",
  "FAIBAN_MASTER_KEY",
  "FAIBAN_NGINX",
];

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
  const isGiven = new Set<string>();
  for (const [name, setting] of Object.entries(settings) as [Name, Setting<unknown>][]) {
    const candidates = [
      { value: flagValues[flagName(name)], source: `--${flagName(name)}` },
      { value: environment[environmentName(name)], source: environmentName(name) },
      { value: fileValues[name], source: `"${name}" in ${configFile}` },
    ];
    const given = candidates.find(({ value }) => value !== undefined && value !== "");
    if (given) isGiven.add(name);
    config[name] = given ? readSetting(setting, String(given.value), given.source) : setting.default;
  }
  return finish({ ...config, given: isGiven } as unknown as Config, folder);
}

function finish(config: Config, folder: string): Config {
  checkTogether(config);
  const usesDefaultData = config.data === settings.data.default;
  // The simulated home never mixes with a real one.
  const data = config.demo && usesDefaultData ? "data-demo" : config.data;
  return { ...config, data: path.resolve(folder, data) };
}

/** Settings that only make sense together. */
function checkTogether(config: Config): void {
  const wrong = (message: string, hint: string) => new HubError("CONFIG_INVALID", message, hint);
  if (config.mqttAnonymous && ![config.mqttHost, config.httpHost].every(isLoopbackHost)) {
    throw wrong(
      "mqttAnonymous lets everybody do everything, and the hub is not on loopback alone",
      "Set mqttHost and httpHost to 127.0.0.1, or leave mqttAnonymous out.",
    );
  }
  if ((config.ownerName === null) !== (config.ownerPassword === null)) {
    throw wrong("ownerName and ownerPassword claim the hub together, and only one is set", "Set both, or neither.");
  }
  if ((config.certFile === null) !== (config.keyFile === null)) {
    throw wrong("certFile and keyFile belong together, and only one is set", "Set both, or neither.");
  }
  if (config.acmeDomain !== null && config.acmeToken === null) {
    throw wrong("acmeDomain needs acmeToken, which proves the domain to be yours", "Set FAIBAN_ACME_TOKEN.");
  }
}

/** Whether an address, or the name of one, is reached from this machine alone. */
export function isLoopbackHost(host: string): boolean {
  return host === "localhost" || host === "::1" || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(host);
}

function readSetting(setting: Setting<unknown>, value: string, source: string): unknown {
  const read = setting.read(value);
  if (read !== undefined) return read;
  throw new HubError("CONFIG_INVALID", `${source} is "${value}"`, `Set it to ${setting.must}.`);
}

function readFlags(flags: readonly string[]): Record<string, string> {
  const names = Object.keys(settings).map(flagName);
  const options = Object.fromEntries([...names, "config"].map((name) => [name, { type: "string" } as const]));
  try {
    const { values } = parseArgs({ args: withValues(flags), options, strict: true });
    const shown = secretFlags.find((name) => values[name] !== undefined);
    if (shown)
      throw new Error(`--${shown} would be read by every program of this machine: use the environment or a file`);
    return values as Record<string, string>;
  } catch (cause) {
    throw new HubError("CONFIG_INVALID", (cause as Error).message, "Run with --help to see all settings.", { cause });
  }
}

/** Switches written out: `--demo`, `--no-demo`, `--demo false` and `--demo=false` all say what they mean. */
function withValues(flags: readonly string[]): string[] {
  const switches = Object.entries(settings).flatMap(([name, { must }]) =>
    must === trueOrFalse ? [flagName(name)] : [],
  );
  return flags.flatMap((flag, at) => {
    const name = switches.find((one) => flag === `--${one}` || flag === `--no-${one}`);
    if (name === undefined) return [flag];
    const isNegated = flag.startsWith("--no-");
    const hasValue = /^(true|false)$/.test(flags[at + 1] ?? "");
    return isNegated || !hasValue ? [`--${name}=${!isNegated}`] : [flag];
  });
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
