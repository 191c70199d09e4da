import { afterEach, describe, expect, test } from "vitest";
import { HubError } from "../errors.ts";
import { type Announcement, startAnnouncing } from "./announce.ts";
import { hostFor } from "./host-name.ts";
import type { PublicationEvents, Publish, Published } from "./publication.ts";

const host = hostFor("hub-1");
const failure = new HubError("ANNOUNCE_FAILED", "no multicast", "Allow it.");
const turns = () => new Promise((resolve) => setImmediate(resolve));

const started: Announcement[] = [];
afterEach(async () => {
  for (const one of started.splice(0)) await one.close();
});

async function start() {
  const network = {
    addresses: [{ interfaceName: "eth0", address: "192.168.1.5" }],
    /** What is published, and was; `open` are those that were not closed. */
    published: [] as Published[],
    open: new Set<Published>(),
    events: null as PublicationEvents | null,
    renamed: [] as string[],
    errors: [] as string[],
  };
  const publish: Publish = (published, events) => {
    network.published.push(published);
    network.open.add(published);
    network.events = events;
    return { close: async () => void network.open.delete(published) };
  };
  const announcement = startAnnouncing({
    ...{ hubId: "hub-1", title: "Home", services: [{ type: "http", port: 8080 }], publish },
    addresses: () => network.addresses,
    onRenamed: (name) => network.renamed.push(name),
    onError: (error) => network.errors.push(error.message),
  });
  started.push(announcement);
  await turns();
  return { network, ...announcement };
}

describe("the hub", () => {
  test("is announced with its name, its services and its addresses", async () => {
    const { network, name } = await start();
    expect(name()).toBe(`${host}.local`);
    expect(network.published).toEqual([
      {
        host,
        instance: `Home ${host.slice(7)}`,
        services: [{ type: "http", port: 8080 }],
        addresses: network.addresses,
      },
    ]);
  });

  test("is announced anew when its addresses change, and only then, once the old announcement ended", async () => {
    const { network, check } = await start();
    check();
    await turns();
    expect(network.published).toHaveLength(1);
    network.addresses = [{ interfaceName: "eth0", address: "192.168.1.77" }];
    check();
    await turns();
    expect(network.published).toHaveLength(2);
    expect([...network.open]).toEqual([expect.objectContaining({ addresses: network.addresses })]);
  });

  test("waits for a network", async () => {
    const { network, check } = await start();
    network.addresses = [];
    check();
    await turns();
    expect(network.open.size).toBe(0);
    network.addresses = [{ interfaceName: "wlan0", address: "10.0.0.3" }];
    check();
    await turns();
    expect(network.open.size).toBe(1);
  });

  test("takes another name when its own is taken, and says so each time, but not for ever", async () => {
    const { network, name } = await start();
    for (let i = 0; i < 20; i++) {
      network.events?.onConflict();
      await turns();
    }
    expect(network.renamed.slice(0, 2)).toEqual([`${host}-2.local`, `${host}-3.local`]);
    expect(network.renamed).toHaveLength(9);
    expect(name()).toBe(`${host}-10.local`);
    expect([...network.open].map((one) => one.host)).toEqual([`${host}-10`]);
  });

  test("tells once that it cannot be announced, and is tried again at each check", async () => {
    const { network, check } = await start();
    for (let i = 0; i < 3; i++) {
      network.events?.onFailed(failure);
      check();
      await turns();
    }
    expect(network.errors).toEqual(["no multicast"]);
    expect(network.published).toHaveLength(4);
    expect(network.open.size).toBe(1);
  });

  test("does not mind what an announcement says that has ended", async () => {
    const { network, check } = await start();
    const old = network.events;
    network.addresses = [{ interfaceName: "eth0", address: "192.168.1.77" }];
    check();
    await turns();
    old?.onConflict();
    old?.onFailed(failure);
    await turns();
    expect(network).toMatchObject({ renamed: [], errors: [] });
    expect(network.published).toHaveLength(2);
  });

  test("is announced no more once it closed", async () => {
    const { network, close, check } = await start();
    network.addresses = [{ interfaceName: "eth0", address: "192.168.1.77" }];
    check();
    await close();
    await turns();
    expect(network.open.size).toBe(0);
  });
});
