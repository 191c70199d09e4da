import type { NetworkInterfaceInfo } from "node:os";
import { expect, test } from "vitest";
import { lanAddresses } from "./lan.ts";

const info = (address: string, internal = false) => ({ address, internal }) as NetworkInterfaceInfo;

test("addresses on the home's network are found, IPv4 first, and all else is left out", () => {
  const interfaces = {
    lo: [info("127.0.0.1", true), info("::1", true)],
    wlan0: [info("fd12::5"), info("192.168.1.9"), info("fe80::1"), info("2001:db8::1")],
    eth0: [info("192.168.1.5"), info("203.0.113.5"), info("169.254.7.7")],
    docker0: [info("172.17.0.1")],
    tailscale0: [info("fd7a::1"), info("100.64.0.1")],
    eth1: undefined,
  };
  expect(lanAddresses(interfaces)).toEqual([
    { interfaceName: "eth0", address: "169.254.7.7" },
    { interfaceName: "eth0", address: "192.168.1.5" },
    { interfaceName: "wlan0", address: "192.168.1.9" },
    { interfaceName: "wlan0", address: "fd12::5" },
  ]);
});
