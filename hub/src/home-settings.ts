/** What the owner chose for the home: it stands in the database, below what the machine's own settings say. */
import type { HomeSettings } from "./api/contract.ts";
import type { Config } from "./config.ts";
import { isTimeZone } from "./energy/calendar.ts";
import { HubError } from "./errors.ts";

const key = "home";

/** Which setting of the machine stands for which of the home. */
const ofConfig = { name: "homeName", timeZone: "timeZone", currency: "currency" } as const;

export interface SettingTable {
  setting(key: string): string | null;
  saveSetting(key: string, value: string): void;
}

export type HomeStore = ReturnType<typeof openHomeSettings>;

function fixedBy(config: Config) {
  return (Object.keys(ofConfig) as (keyof typeof ofConfig)[]).filter((name) => config.given.has(ofConfig[name]));
}

/** The home's settings, by what the database says. */
export function homeSettingsOf(setting: SettingTable["setting"], config: Config): HomeSettings {
  const { homeName: name, timeZone, currency } = config;
  const stored = JSON.parse(setting(key) ?? "{}") as Partial<HomeSettings>;
  // Whoever names a price of their own, or pays in another currency, has none of Thailand's plans.
  const isThai = currency === "THB" && !config.given.has("pricePerKwh");
  const tariffRegion = isThai ? ("TH-MEA" as const) : ("other" as const);
  const home = { name, timeZone, currency, tariffRegion, ...stored };
  for (const one of fixedBy(config)) home[one] = config[ofConfig[one]];
  return home;
}

export function openHomeSettings(table: SettingTable, config: Config) {
  return {
    get: () => homeSettingsOf(table.setting, config),
    fixed: fixedBy(config),
    /** Throws HubError BAD_REQUEST when the hub cannot use them. */
    check({ timeZone }: HomeSettings): void {
      if (isTimeZone(timeZone)) return;
      throw new HubError("BAD_REQUEST", `There is no time zone "${timeZone}"`, "Send a name such as Asia/Bangkok.");
    },
    save(settings: HomeSettings): void {
      const name = settings.name.replace(/\p{C}/gu, "").trim() || config.homeName;
      table.saveSetting(key, JSON.stringify({ ...settings, name }));
    },
  };
}
