/** The hub's address as people type it. */
import { lanAddresses } from "./certificates/lan.ts";

/** The host of a setting as a part of a URL; null when the home's network has no address for it. */
export function shownHost(host: string): string | null {
  const address = host === "0.0.0.0" || host === "::" ? lanAddresses()[0]?.address : host;
  if (address === undefined) return null;
  return address.includes(":") ? `[${address}]` : address;
}
