/** Whether an address is that of the hub itself. */
import { isIPv6 } from "node:net";
import { networkInterfaces } from "node:os";

export interface OwnPlace {
  /** That the hub listens on, for MQTT or WebSockets. */
  ports(): readonly number[];
  /** By which the hub is known, such as faiban-3f9c.local. */
  names(): readonly string[];
}

/** Whether host and port lead to the hub. A name that only DNS knows may too: the hub finds out when it connects. */
export function isOwnPlace(host: string, port: number, own: OwnPlace): boolean {
  if (!own.ports().includes(port)) return false;
  const name = host.toLowerCase().replace(/\.$/, "");
  if (name === "localhost" || own.names().some((one) => one.toLowerCase() === name)) return true;
  const address = plainAddress(name);
  return /^(127\.|0\.0\.0\.0$|::1?$)/.test(address) || machineAddresses().includes(address);
}

/** The shortest form of an IPv6 address; of an IPv4 address within one, that. */
function plainAddress(text: string): string {
  if (!isIPv6(text)) return text;
  const plain = new URL(`http://[${text}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/.exec(plain);
  if (!mapped) return plain;
  const bytes = mapped.slice(1).flatMap((half) => [Number.parseInt(half, 16) >> 8, Number.parseInt(half, 16) & 0xff]);
  return bytes.join(".");
}

function machineAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => plainAddress(address)));
}
