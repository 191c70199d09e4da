/** TXT records at Cloudflare, https://developers.cloudflare.com/api/: a token with Zone:Read and DNS:Edit for the zone. */
import type { DnsProvider } from "./dns-provider.ts";
import { zonesOf } from "./propagation.ts";
import { askProvider, noZone, providerJson } from "./provider-request.ts";

interface Listed {
  result: { id: string; content?: string }[];
}

/** Sets TXT records with an API token. */
export function createCloudflare(
  token: string,
  signal: AbortSignal,
  apiUrl = "https://api.cloudflare.com/client/v4",
): DnsProvider {
  async function ask(path: string, method: string, json?: unknown): Promise<Listed> {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await askProvider({ provider: "cloudflare", url: apiUrl + path, method, headers, json, signal });
    return answer.isFound ? (providerJson("cloudflare", answer.text) as Listed) : { result: [] };
  }

  async function recordsOf(name: string): Promise<string> {
    for (const zone of zonesOf(name)) {
      const { result } = await ask(`/zones?name=${encodeURIComponent(zone)}`, "GET");
      if (result[0]) return `/zones/${result[0].id}/dns_records`;
    }
    throw noZone("cloudflare", name);
  }

  /** The address of the zone's records, and the ids of those that hold the value. */
  async function find(name: string, value: string): Promise<{ records: string; ids: string[] }> {
    const records = await recordsOf(name);
    const { result } = await ask(`${records}?type=TXT&name=${encodeURIComponent(name)}`, "GET");
    const holding = result.filter(({ content }) => content?.replaceAll('"', "") === value);
    return { records, ids: holding.map(({ id }) => id) };
  }

  return {
    async add(name, value) {
      const { records, ids } = await find(name, value);
      // A second one of the same content is refused.
      if (ids.length === 0) await ask(records, "POST", { type: "TXT", name, content: `"${value}"`, ttl: 60 });
    },
    async remove(name, value) {
      const { records, ids } = await find(name, value);
      for (const id of ids) await ask(`${records}/${id}`, "DELETE");
    },
  };
}
