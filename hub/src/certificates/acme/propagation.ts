/** Waits until a domain's own name servers show a TXT value: an authority that asks too early refuses the domain. */
import { Resolver } from "node:dns/promises";
import { acmeError } from "./errors.ts";

/** What the domain's name servers say: all show the value, one does not yet, or they cannot be asked. */
export type TxtView = "shown" | "missing" | "unreachable";

/** Asks a domain's name servers for a TXT value. */
export type ViewTxt = (name: string, value: string) => Promise<TxtView>;

export interface WaitOptions {
  view: ViewTxt;
  sleep(durationMs: number): Promise<void>;
}

const pauseMs = 5000;
/** Ten minutes for slow providers; two where a firewall lets nobody ask, which is more than most take. */
const mostLooks = 120;
const mostBlindLooks = 24;

/** Resolves when the value is shown everywhere, or nobody can be asked for two minutes. Throws HubError after ten. */
export async function waitForTxt(name: string, value: string, { view, sleep }: WaitOptions): Promise<void> {
  let blind = 0;
  for (let look = 0; look < mostLooks; look++) {
    const seen = await view(name, value);
    if (seen === "shown") return;
    blind = seen === "unreachable" ? blind + 1 : 0;
    if (blind >= mostBlindLooks) return; // the authority sees more of the internet, and judges
    await sleep(pauseMs);
  }
  throw acmeError(
    `The name servers do not show the TXT record ${name}`,
    "Check that the provider in the settings is where the domain's name servers are.",
  );
}

interface ResolverLike {
  resolveNs(name: string): Promise<string[]>;
  resolve4(name: string): Promise<string[]>;
  resolveTxt(name: string): Promise<string[][]>;
}

export interface ResolverSources {
  /** The system's resolver. */
  system: ResolverLike;
  /** One that asks the name server at that address. */
  at(address: string): ResolverLike;
}

const timing = { timeout: 3000, tries: 2 };

/** Resolvers of node:dns. */
export const realResolvers = (): ResolverSources => ({
  system: new Resolver(timing),
  at(address) {
    const resolver = new Resolver(timing);
    resolver.setServers([address]);
    return resolver;
  },
});

/** Asks each name server of the domain by itself: caches in between would keep an old answer. */
export function createView({ system, at }: ResolverSources): ViewTxt {
  return async (name, value) => {
    const servers = await nameServers(name, system).catch(() => []);
    if (servers.length === 0) return "unreachable";
    const views = await Promise.all(servers.map((server) => viewAt(at(server), name, value)));
    if (views.includes("missing")) return "missing";
    return views.includes("shown") ? "shown" : "unreachable";
  };
}

async function viewAt(resolver: ResolverLike, name: string, value: string): Promise<TxtView> {
  try {
    const records = await resolver.resolveTxt(name);
    return records.some((parts) => parts.join("") === value) ? "shown" : "missing";
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "ENOTFOUND" || code === "ENODATA" ? "missing" : "unreachable";
  }
}

/** A domain has at most a dozen name servers; each has one address or two. */
const mostServers = 16;

async function nameServers(name: string, system: ResolverLike): Promise<string[]> {
  for (const zone of zonesOf(name)) {
    const names = await system.resolveNs(zone).catch(() => []);
    if (names.length === 0) continue;
    const addresses = await Promise.all(names.map((one) => system.resolve4(one).catch(() => [])));
    return addresses.flat().slice(0, mostServers);
  }
  return [];
}

/** The names that the zone of a name may have, the longest first: "a.b.c" may be in "a.b.c" or in "b.c". */
export function zonesOf(name: string): string[] {
  const labels = name.split(".");
  return labels.slice(0, -1).map((_, i) => labels.slice(i).join("."));
}
