import type { Device, DeviceKind } from "../../../../hub/src/api/contract.ts";
import type { IconName } from "../../components/icon.tsx";
import { isKey, t } from "../../i18n/text.ts";

/** The devices that have a card of their own, the usual ones first. */
export const kinds = [
  { dialect: "tasmota", icon: "plug", kind: "device" },
  { dialect: "shelly-gen2", icon: "relay", kind: "device" },
  { dialect: "shelly-gen1", icon: "relay", kind: "device" },
  { dialect: "esphome", icon: "chip", kind: "device" },
  { dialect: "zigbee2mqtt", icon: "mesh", kind: "program" },
  { dialect: "customer", icon: "chip", kind: "device" },
  { dialect: "other", icon: "rest", kind: "device" },
] as const satisfies readonly { dialect: string; icon: IconName; kind: DeviceKind }[];

export type Kind = (typeof kinds)[number];
export type Dialect = Kind["dialect"];

/** The kind of a dialect; one that has no card is told as "something else". */
export function kindOf(dialect: string | null): Kind {
  return kinds.find((kind) => kind.dialect === dialect) ?? kinds[kinds.length - 1]!;
}

/** What a device speaks, in words. */
export function dialectName(dialect: string): string {
  const key = `dialect.${dialect}`;
  return isKey(key) ? t(key) : dialect;
}

/** How a device stands with the hub. */
export type Presence = "online" | "offline" | "never";

export function presenceOf(device: Pick<Device, "isOnline" | "lastSeenMs">): Presence {
  if (device.isOnline) return "online";
  return device.lastSeenMs === null ? "never" : "offline";
}

/** How far a new device has come: it is awaited, has connected, or measures. */
export type Arrival = "waiting" | "connected" | "here";

export function arrivalOf(device: Pick<Device, "isOnline" | "meters"> | undefined): Arrival {
  if (!device) return "waiting";
  if (device.meters.length > 0) return "here";
  return device.isOnline ? "connected" : "waiting";
}
