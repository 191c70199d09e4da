/** The machine's addresses on the home's network. */
import { isIPv6 } from "node:net";
import os from "node:os";
import { isHomeAddress } from "./ranges.ts";

export interface LanAddress {
  /** Name of the network interface, such as eth0. */
  interfaceName: string;
  address: string;
}

/** Interfaces of containers, virtual machines and tunnels: their addresses mean nothing to the home's other machines. */
const virtual = /^(br-|cali|cni|docker|flannel|lxc|lxdbr|podman|tailscale|tap|tun|utun|veth|virbr|vmnet|wg|zt)/;

/** No browser opens it, since it lacks the interface that it needs. */
const linkLocalV6 = /^fe[89ab]/i;

/** Addresses of the present interfaces that other machines of the home can reach, in a steady order. */
export function lanAddresses(interfaces = os.networkInterfaces()): LanAddress[] {
  const found = Object.entries(interfaces).flatMap(([interfaceName, addresses = []]) =>
    addresses
      .filter(({ internal, address }) => !internal && isHomeAddress(address) && !linkLocalV6.test(address))
      .map(({ address }) => ({ interfaceName, address })),
  );
  return found
    .filter(({ interfaceName }) => !virtual.test(interfaceName))
    .sort((a, b) => order(a).localeCompare(order(b), "en"));
}

/** IPv4 comes first: it is what people type. */
function order({ interfaceName, address }: LanAddress): string {
  return `${isIPv6(address) ? 6 : 4} ${interfaceName} ${address}`;
}
