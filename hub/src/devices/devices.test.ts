import { beforeEach, describe, expect, test } from "vitest";
import type { CertificateRow, DeviceRow } from "../records.ts";
import { createDevices, type DeviceStore } from "./devices.ts";

/** What a store keeps, in memory: copies, as a database has. */
function memoryStore() {
  const rows = new Map<string, DeviceRow>();
  const places = new Map<string, string>();
  const certificates = new Map<string, CertificateRow>();
  const store: DeviceStore = {
    load: () => [...rows.values()].map((row) => ({ ...row })),
    save: (device) => void rows.set(device.id, { ...device }),
    remove(id) {
      rows.delete(id);
      for (const [place, deviceId] of places) if (deviceId === id) places.delete(place);
    },
    places: () => [...places].map(([place, deviceId]) => ({ place, deviceId })),
    savePlace: (place, deviceId) => void places.set(place, deviceId),
    certificates: () => [...certificates.values()],
    saveCertificate: (certificate) => void certificates.set(certificate.serial, { ...certificate }),
  };
  return { store, rows };
}

let nowMs: number;
let memory: ReturnType<typeof memoryStore>;
let ended: string[];
let paired: string[];
let devices: ReturnType<typeof createDevices>;

function open() {
  return createDevices({
    ...{ store: memory.store, nowMs: () => nowMs },
    onEnded: ({ id }, isRemoved) => void ended.push(isRemoved ? `${id} removed` : id),
    onPaired: (device, how) => void paired.push(`${device.clientId} ${how}`),
  });
}

beforeEach(() => {
  nowMs = Date.UTC(2026, 5, 1);
  memory = memoryStore();
  [ended, paired] = [[], []];
  devices = open();
});

const make = (kind: DeviceRow["kind"] = "device") => {
  const { device, password } = devices.create({ name: "Plug", kind, dialect: "tasmota" });
  const shows = (clientId: string, more: object = {}) =>
    devices.admit({ clientId, username: device.username, password: Buffer.from(password), ...more });
  return { device, password, shows };
};
const idOf = (found: DeviceRow | "refused" | null) => (found && found !== "refused" ? found.id : found);

describe("a device's credential", () => {
  test("has a password that is easy to type and impossible to guess, of which a hash is kept", () => {
    const { device, password } = make();
    expect(password).toMatch(/^[a-hj-km-np-z2-9]{20}$/);
    expect(device.username).toMatch(/^tasmota-[0-9a-f]{4}$/);
    expect(Buffer.from(memory.rows.get(device.id)?.passwordHash ?? []).toString("latin1")).not.toContain(password);
  });

  test("is bound to the client id that uses it first, and stays so after a restart", () => {
    const { device, shows } = make();
    expect(idOf(shows("plug-1"))).toBe(device.id);
    expect(paired).toEqual(["plug-1 used its credential for the first time"]);
    expect(shows("plug-2")).toBe("refused");
    devices = open();
    expect(idOf(shows("plug-1"))).toBe(device.id);
    expect(shows("plug-2")).toBe("refused");
    expect(paired).toHaveLength(1);
  });

  test.each<[string, object]>([
    ["another password", { password: Buffer.from("another") }],
    ["no password", { password: null }],
    ["an empty password", { password: Buffer.alloc(0) }],
    ["another name", { username: "other" }],
    ["no name", { username: null }],
  ])("does not work with %s, before it is bound and after", (_what, more) => {
    const { shows } = make();
    expect([null, "refused"]).toContain(shows("plug-1", more));
    shows("plug-1");
    expect(shows("plug-1", more)).toBe("refused");
  });

  test("of a program works for any client id that is no device's", () => {
    const plug = make();
    plug.shows("plug-1");
    const { device, shows } = make("program");
    expect([idOf(shows("a")), idOf(shows("b"))]).toEqual([device.id, device.id]);
    expect(shows("plug-1")).toBe("refused");
  });

  test("that nobody uses within an hour is of no use, and makes room for the next", () => {
    const { device, shows } = make();
    nowMs += 60 * 60_000 + 1;
    expect(shows("plug-1")).toBe("refused");
    make();
    expect(devices.list().map(({ id }) => id)).not.toContain(device.id);
  });

  test("that was used once is of use for good", () => {
    const { device, shows } = make();
    shows("plug-1");
    nowMs += 400 * 24 * 3600_000;
    expect(idOf(shows("plug-1"))).toBe(device.id);
  });

  test("that is renewed ends what was connected by the old one, and is bound anew", () => {
    const { device, shows } = make();
    shows("plug-1");
    const password = Buffer.from(devices.renew(device.id).password);
    expect(ended).toEqual([device.id]);
    expect(shows("plug-1")).toBe("refused");
    expect(idOf(shows("plug-2", { password }))).toBe(device.id);
    expect(shows("plug-1", { password })).toBe("refused");
  });
});

describe("an approved device", () => {
  const approve = (credentials: { username: string | null; password: Uint8Array | null }) =>
    devices.approve("Meter", "tasmota", { clientId: "meter-1", ...credentials });

  test("keeps the password that it brought along", () => {
    const credentials = { username: "meter", password: Buffer.from("its own") };
    const device = approve(credentials);
    expect(idOf(devices.admit({ clientId: "meter-1", ...credentials }))).toBe(device.id);
    expect(devices.admit({ clientId: "meter-1", username: "meter", password: Buffer.from("other") })).toBe("refused");
  });

  test("that brought none is known by its client id, until it gets a password", () => {
    const device = approve({ username: null, password: null });
    expect(idOf(devices.admit({ clientId: "meter-1", username: null, password: null }))).toBe(device.id);
    const { password } = devices.renew(device.id);
    expect(devices.admit({ clientId: "meter-1", username: null, password: null })).toBeNull();
    const { username } = devices.device(device.id);
    expect(idOf(devices.admit({ clientId: "meter-1", username, password: Buffer.from(password) }))).toBe(device.id);
  });

  test("is one device, though two people approve it", () => {
    expect(approve({ username: null, password: null })).toBe(approve({ username: null, password: null }));
    expect(devices.list()).toHaveLength(1);
  });
});

describe("a device's places", () => {
  test("stay its own after a restart, and are free when it is removed", () => {
    const [first, second] = [make().device, make().device];
    expect(devices.rights(first).mayPublish("tele/plug-1/SENSOR", false)).toBe(true);
    devices = open();
    expect(devices.placesOf(first.id)).toEqual(["tasmota:plug-1"]);
    expect(devices.rights(second).mayPublish("tele/plug-1/SENSOR", false)).toBe(false);
    devices.remove(first.id);
    expect(ended).toEqual([`${first.id} removed`]);
    expect(devices.rights(second).mayPublish("tele/plug-1/SENSOR", false)).toBe(true);
  });

  test("are no more than a device, or a program, needs", () => {
    for (const [kind, most] of [
      ["device", 64],
      ["program", 1_000],
    ] as const) {
      const rights = devices.rights(make(kind).device);
      const taken = Array.from({ length: most + 5 }, (_, i) => rights.mayPublish(`${kind}/${i}/x`, false));
      expect(taken.filter(Boolean)).toHaveLength(most);
    }
  });

  test("are taken by no connection of a device that is gone", () => {
    const { device } = make();
    const rights = devices.rights(device);
    devices.remove(device.id);
    expect(rights.mayPublish("tele/plug-9/SENSOR", false)).toBe(false);
  });
});

describe("a device's certificate", () => {
  const add = (serial: string, deviceId: string) => devices.addCertificate({ serial, deviceId, expiresMs: nowMs + 1 });

  test("is one at a time: the next revokes it, and so do its end and its device's", () => {
    const { device } = make();
    expect(devices.isRevoked("01"), "one that the hub has not given out").toBe(true);
    add("01", device.id);
    expect(devices.isRevoked("01")).toBe(false);
    add("02", device.id);
    expect([devices.isRevoked("01"), devices.isRevoked("02")]).toEqual([true, false]);
    expect(devices.certificateOf(device.id)?.serial).toBe("02");
    devices.revokeCertificate(device.id);
    expect(ended).toEqual([device.id]);
    add("03", device.id);
    devices.remove(device.id);
    devices = open();
    expect(["01", "02", "03"].map(devices.isRevoked)).toEqual([true, true, true]);
    expect(devices.admitCertified(device.id)).toBeNull();
  });
});

test("a device that there is not is told so, and five hundred are enough", () => {
  const unknown = expect.objectContaining({ code: "NOT_FOUND", hint: expect.any(String) });
  for (const use of [devices.renew, devices.remove, devices.revokeCertificate, devices.device]) {
    expect(() => use("nobody")).toThrow(unknown);
  }
  for (let i = 0; i < 500; i++) make();
  expect(() => make()).toThrow(expect.objectContaining({ code: "TOO_MANY" }));
});
