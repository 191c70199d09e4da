/** The hub's name on the home's network. */
import { createHash } from "node:crypto";

/** `faiban-<4 hex>`, from what identifies the hub for good: two hubs of a home are told apart. */
export function hostFor(hubId: string): string {
  return `faiban-${createHash("sha256").update(hubId).digest("hex").slice(0, 4)}`;
}

/** The name to try when another machine has this one: faiban-3f9c, faiban-3f9c-2, faiban-3f9c-3. */
export function nextHost(host: string): string {
  const [, base = host, count = "1"] = /^(faiban-[0-9a-f]{4})(?:-(\d+))?$/.exec(host) ?? [];
  return `${base}-${Number(count) + 1}`;
}

const mostBytes = 63; // of a label, RFC 6763 section 4.1.1

/** What people see in lists of services: the home's name, cut where it must be, and what makes it unique. */
export function instanceName(title: string, host: string): string {
  const suffix = ` ${host.replace("faiban-", "")}`;
  let cut = "";
  for (const { segment } of new Intl.Segmenter().segment(title)) {
    if (Buffer.byteLength(cut + segment + suffix) > mostBytes) break;
    cut += segment;
  }
  return cut + suffix;
}
