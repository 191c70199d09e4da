/** What a home's own names and addresses are: the hub's authority can vouch for nothing else. */
import { BlockList, isIP } from "node:net";

export interface Range {
  address: string;
  /** How many leading bits are fixed. */
  prefix: number;
}

/** Names below these belong to no one on the internet: RFC 6762, RFC 8375, RFC 6761. */
export const homeDomains = ["local", "home.arpa", "localhost"] as const;

/** Addresses of home networks and of the machine itself: RFC 1918, 3927, 1122, 4193, 4291. */
export const homeRanges: readonly Range[] = [
  { address: "10.0.0.0", prefix: 8 },
  { address: "172.16.0.0", prefix: 12 },
  { address: "192.168.0.0", prefix: 16 },
  { address: "169.254.0.0", prefix: 16 },
  { address: "127.0.0.0", prefix: 8 },
  { address: "fc00::", prefix: 7 },
  { address: "fe80::", prefix: 10 },
  { address: "::1", prefix: 128 },
];

const homeAddresses = new BlockList();
for (const { address, prefix } of homeRanges) homeAddresses.addSubnet(address, prefix, family(address));

/** Whether an address is one of a home network or of the machine itself. */
export function isHomeAddress(address: string): boolean {
  return isIP(address) !== 0 && homeAddresses.check(address, family(address));
}

/** Whether a DNS name is one that only the home knows. */
export function isHomeName(name: string): boolean {
  return homeDomains.some((domain) => name === domain || name.endsWith(`.${domain}`));
}

/** Whether the text is a DNS name in small letters, RFC 1123; a "*" for the first label is allowed. */
export function isDnsName(name: string): boolean {
  return (
    isIP(name) === 0 &&
    name.length <= 253 &&
    /^(\*\.)?[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/.test(name)
  );
}

function family(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}

/** An IP address as its 4 or 16 bytes. */
export function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split(".").map(Number));
  const [head = "", tail] = address.split("::");
  const groups = (text: string) => (text === "" ? [] : text.split(":"));
  const before = groups(head);
  const after = groups(tail ?? "");
  const zeros = Array<string>(8 - before.length - after.length).fill("0");
  return Buffer.from([...before, ...zeros, ...after].map((group) => group.padStart(4, "0")).join(""), "hex");
}

/** A range as its address and mask, RFC 5280 section 4.2.1.10. */
export function rangeBytes({ address, prefix }: Range): Buffer {
  const bytes = addressBytes(address);
  const mask = bytes.map((_, i) => 0xff00 >> Math.min(8, Math.max(0, prefix - 8 * i)));
  return Buffer.concat([bytes, mask]);
}
