/** TXT records at Duck DNS, https://www.duckdns.org/spec.jsp: a domain has one value, which serves every name below it. */
import type { DnsProvider } from "./dns-provider.ts";
import { acmeError } from "./errors.ts";
import { askProvider } from "./provider-request.ts";

/** Sets the TXT record with the account's token. */
export function createDuckdns(token: string, signal: AbortSignal, apiUrl = "https://www.duckdns.org"): DnsProvider {
  async function update(name: string, value: string, isClearing: boolean): Promise<void> {
    const domain = /(?:^|\.)([^.]+\.duckdns\.org)$/.exec(name)?.[1];
    if (domain === undefined) {
      throw acmeError(`${name} is not a name at Duck DNS`, "Set the domain to your-name.duckdns.org.");
    }
    const query = new URLSearchParams({ domains: domain.split(".")[0] as string, token, txt: value });
    if (isClearing) query.set("clear", "true");
    const { text } = await askProvider({ provider: "duckdns", url: `${apiUrl}/update?${query}`, signal });
    if (text.trim().startsWith("OK")) return;
    throw acmeError("Duck DNS refused the TXT record", "Check the token, and that the domain is in its account.");
  }

  return {
    add: (name, value) => update(name, value, false),
    remove: (name, value) => update(name, value, true),
  };
}
