import type { Hub } from "../../../../hub/src/api/contract.ts";

export type NewHome = NonNullable<Hub["home"]>;

/** The currencies of the zones that Faiban is likely to be in; elsewhere the person chooses. */
const currencies: [RegExp, string][] = [
  [/^Asia\/Bangkok$/, "THB"],
  [/^Asia\/Singapore$/, "SGD"],
  [/^Asia\/(Kuala_Lumpur|Kuching)$/, "MYR"],
  [/^Asia\/(Ho_Chi_Minh|Saigon)$/, "VND"],
  [/^Asia\/Tokyo$/, "JPY"],
  [/^Europe\/London$/, "GBP"],
  [/^Europe\/Zurich$/, "CHF"],
  [/^Europe\//, "EUR"],
  [/^Australia\//, "AUD"],
];

/** What a new home is taken to be: what the machine's settings decide, else what the browser tells. */
export function firstHome(hub: Pick<Hub, "home" | "fixed">, timeZone: string, name: string): NewHome {
  const known = (field: keyof NewHome) => (hub.home && hub.fixed.includes(field) ? hub.home : null);
  const zone = known("timeZone")?.timeZone ?? timeZone;
  const isThai = zone === "Asia/Bangkok";
  return {
    name: known("name")?.name ?? name,
    timeZone: zone,
    currency: known("currency")?.currency ?? currencies.find(([pattern]) => pattern.test(zone))?.[1] ?? "USD",
    tariffRegion: known("tariffRegion")?.tariffRegion ?? (isThai ? "TH-MEA" : "other"),
  };
}
