/** Where a domain's TXT records are set. */
import { HubError } from "../../errors.ts";
import { createCloudflare } from "./cloudflare.ts";
import { createCommand } from "./command.ts";
import { createDesec } from "./desec.ts";
import { createDuckdns } from "./duckdns.ts";

export interface DnsProvider {
  /** Sets a TXT value beside those that are there; `name` has no dot at its end. Throws HubError. */
  add(name: string, value: string): Promise<void>;
  /** Removes one TXT value; nothing to remove is no error. */
  remove(name: string, value: string): Promise<void>;
}

export const dnsProviders = ["cloudflare", "desec", "duckdns", "command"] as const;
export type DnsProviderName = (typeof dnsProviders)[number];

export interface DnsProviderOptions {
  provider: DnsProviderName;
  /** The API token; for `command` the path of the program. */
  secret: string;
  signal: AbortSignal;
  /** Where the provider's API is, null for its real address. */
  apiUrl?: string | null;
}

/** The provider of that name. Throws HubError when it lacks its token. */
export function createDnsProvider({ provider, secret, signal, apiUrl = null }: DnsProviderOptions): DnsProvider {
  if (secret === "") {
    const hint = provider === "command" ? "Give the path of the program." : `Make an API token at ${provider}.`;
    throw new HubError("CONFIG_INVALID", `The DNS provider ${provider} lacks its token`, hint);
  }
  if (provider === "cloudflare") return createCloudflare(secret, signal, apiUrl ?? undefined);
  if (provider === "desec") return createDesec(secret, signal, apiUrl ?? undefined);
  if (provider === "duckdns") return createDuckdns(secret, signal, apiUrl ?? undefined);
  return createCommand(secret, signal);
}
