/** TXT records at deSEC, https://desec.readthedocs.io/en/latest/dns/rrsets.html. */
import type { DnsProvider } from "./dns-provider.ts";
import { askProvider, noZone, providerJson } from "./provider-request.ts";

/** The least that deSEC allows. */
const ttlS = 3600;

/** Sets TXT records with an API token. */
export function createDesec(token: string, signal: AbortSignal, apiUrl = "https://desec.io/api/v1"): DnsProvider {
  const ask = (path: string, method: string, json?: unknown) =>
    askProvider({
      ...{ provider: "desec", url: apiUrl + path, method, json, signal },
      headers: { authorization: `Token ${token}` },
    });

  async function zoneOf(name: string): Promise<string> {
    const { text } = await ask(`/domains/?owns_qname=${encodeURIComponent(name)}`, "GET");
    const [zone] = providerJson("desec", text) as { name: string }[];
    if (!zone) throw noZone("desec", name);
    return zone.name;
  }

  /** A set of records is written as a whole; one without records is removed. */
  async function change(name: string, records: (present: string[]) => string[]): Promise<void> {
    const zone = await zoneOf(name);
    const subname = name.slice(0, -zone.length - 1);
    const found = await ask(`/domains/${zone}/rrsets/${subname}/TXT/`, "GET");
    const present = found.isFound ? (providerJson("desec", found.text) as { records: string[] }).records : [];
    const set = { subname, type: "TXT", ttl: ttlS, records: records(present) };
    await ask(`/domains/${zone}/rrsets/`, "PATCH", [set]);
  }

  return {
    add: (name, value) => change(name, (present) => [...new Set([...present, `"${value}"`])]),
    remove: (name, value) => change(name, (present) => present.filter((record) => record !== `"${value}"`)),
  };
}
