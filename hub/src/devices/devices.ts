/**
 * Devices and programs that publish: their credentials, and the topics that are theirs. A credential of a device is good
 * for one client id: that of the first client that uses it.
 */
import { createHash, randomBytes, randomInt, randomUUID, timingSafeEqual } from "node:crypto";
import { placeOf } from "../access/places.ts";
import { deviceRights, type Rights } from "../access/topic-rights.ts";
import { HubError } from "../errors.ts";
import type { CertificateRow, DeviceRow } from "../records.ts";

export interface DeviceStore {
  load(): DeviceRow[];
  save(device: DeviceRow): void;
  remove(id: string): void;
  places(): { place: string; deviceId: string }[];
  savePlace(place: string, deviceId: string): void;
  certificates(): CertificateRow[];
  saveCertificate(certificate: CertificateRow): void;
}

/** What a client says it is. */
export interface Credentials {
  clientId: string;
  username: string | null;
  password: Uint8Array | null;
}

export interface DevicesOptions {
  store: DeviceStore;
  nowMs(): number;
  /** Connections of the device, as it was, must end; its sessions too when it is removed. */
  onEnded(device: { id: string; clientId: string | null }, isRemoved: boolean): void;
  /** The device was bound to a client id, or is new. */
  onPaired(device: DeviceRow, how: string): void;
}

export type Devices = ReturnType<typeof createDevices>;

const mostDevices = 500;
const mostPlaces = { device: 64, program: 1_000 };
/** Whoever has a set-up card in hand has an hour to type it in. */
const unusedMs = 60 * 60_000;
/** Letters that are not mistaken for another when typed from paper: 20 of them have 98 bits. */
const passwordLetters = "abcdefghjkmnpqrstuvwxyz23456789";
const passwordLength = 20;
const noteSeenEveryMs = 10 * 60_000;

export function createDevices({ store, nowMs, onEnded, onPaired }: DevicesOptions) {
  const byId = new Map(store.load().map((device) => [device.id, device]));
  const owners = new Map(store.places().map(({ place, deviceId }) => [place, deviceId]));
  const certificates = new Map(store.certificates().map((certificate) => [certificate.serial, certificate]));

  const byClientId = (clientId: string) => [...byId.values()].find((device) => device.clientId === clientId);
  const byUsername = (username: string) => [...byId.values()].filter((device) => device.username === username);

  /**
   * The device of a client: null when nobody knows it; `refused` when somebody does, and it is not that one.
   */
  function admit({ clientId, username, password }: Credentials): DeviceRow | "refused" | null {
    const bound = byClientId(clientId);
    if (bound) return hasCredential(bound, username, password) ? seen(bound) : "refused";
    const named = username === null ? [] : byUsername(username);
    if (named.length === 0) return null;
    const device = named.find((one) => one.clientId === null && hasCredential(one, username, password));
    if (!device || isTooLate(device)) return "refused";
    return device.kind === "program" ? seen(device) : bind(device, clientId);
  }

  function hasCredential(device: DeviceRow, username: string | null, password: Uint8Array | null): boolean {
    if (device.passwordHash === null) return true;
    const isNamed = device.username === username;
    const found = hashOf(password ?? new Uint8Array());
    return timingSafeEqual(found, device.passwordHash) && isNamed;
  }

  function isTooLate({ unusedUntilMs }: DeviceRow): boolean {
    return unusedUntilMs !== null && unusedUntilMs < nowMs();
  }

  function bind(device: DeviceRow, clientId: string): DeviceRow {
    Object.assign(device, { clientId, unusedUntilMs: null, lastSeenMs: nowMs() });
    store.save(device);
    onPaired(device, "used its credential for the first time");
    return device;
  }

  function seen(device: DeviceRow): DeviceRow {
    const now = nowMs();
    if (now - (device.lastSeenMs ?? 0) < noteSeenEveryMs && device.unusedUntilMs === null) return device;
    Object.assign(device, { lastSeenMs: now, unusedUntilMs: null });
    store.save(device);
    return device;
  }

  function rights(device: DeviceRow): Rights {
    let count = [...owners.values()].filter((owner) => owner === device.id).length;
    return deviceRights({
      deviceId: device.id,
      ownerOf: (place) => owners.get(place) ?? null,
      claim(place) {
        if (count >= mostPlaces[device.kind] || !byId.has(device.id)) return false;
        count++;
        owners.set(place, device.id);
        store.savePlace(place, device.id);
        return true;
      },
    });
  }

  /** Makes a credential; its password is told this once. Throws HubError TOO_MANY. */
  function create({ name, kind, dialect }: Pick<DeviceRow, "name" | "kind" | "dialect">) {
    removeUnused();
    const password = newPassword();
    const device = add({
      ...{ name, kind, dialect, clientId: null },
      username: freeUsername(dialect ?? "device"),
      passwordHash: hashOf(Buffer.from(password)),
      unusedUntilMs: nowMs() + unusedMs,
    });
    return { device, password };
  }

  /** Takes in a device that waited, with what it identified itself by. */
  function approve(name: string, dialect: string | null, { clientId, username, password }: Credentials): DeviceRow {
    const known = byClientId(clientId);
    if (known) return known;
    const device = add({
      ...{ name, kind: "device", dialect, clientId, username },
      passwordHash: password && password.length > 0 ? hashOf(password) : null,
      unusedUntilMs: null,
    });
    onPaired(device, "was approved");
    return device;
  }

  function add(about: Omit<DeviceRow, "id" | "createdMs" | "lastSeenMs">): DeviceRow {
    if (byId.size >= mostDevices) {
      throw new HubError("TOO_MANY", `There are ${mostDevices} devices already`, "Remove some that are gone.");
    }
    const device = { id: randomUUID(), createdMs: nowMs(), lastSeenMs: null, ...about };
    store.save(device);
    byId.set(device.id, device);
    return device;
  }

  function freeUsername(dialect: string): string {
    for (;;) {
      const username = `${dialect}-${randomBytes(2).toString("hex")}`;
      if (byUsername(username).length === 0) return username;
    }
  }

  /** Set-up cards that nobody used. */
  function removeUnused(): void {
    for (const device of byId.values()) if (isTooLate(device)) remove(device.id);
  }

  /** A new password, good for whichever client uses it first; the old one is of no use from now on. */
  function renew(id: string) {
    const device = deviceOf(id);
    const before = { id, clientId: device.clientId };
    const password = newPassword();
    Object.assign(device, {
      username: device.username ?? freeUsername(device.dialect ?? "device"),
      passwordHash: hashOf(Buffer.from(password)),
      clientId: null, // the device may have been exchanged
    });
    store.save(device);
    onEnded(before, false);
    return { device, password };
  }

  /** A fresh credential for a program that runs beside the hub, the same device at each start. */
  function credentialFor(name: string): { username: string; password: string } {
    const known = [...byId.values()].find((one) => one.kind === "program" && one.name === name);
    const { device, password } = known ? renew(known.id) : create({ name, kind: "program", dialect: null });
    return { username: device.username ?? "", password };
  }

  function rename(id: string, name: string): DeviceRow {
    const device = Object.assign(deviceOf(id), { name });
    store.save(device);
    return device;
  }

  function remove(id: string): void {
    const device = deviceOf(id);
    revokeCertificates(id);
    store.remove(id);
    byId.delete(id);
    for (const [place, owner] of owners) if (owner === id) owners.delete(place);
    onEnded(device, true);
  }

  function addCertificate(certificate: { serial: string; deviceId: string; expiresMs: number }): void {
    revokeCertificates(certificate.deviceId); // one at a time: a renewed one replaces the old one
    const row = { ...certificate, revokedMs: null };
    store.saveCertificate(row);
    certificates.set(row.serial, row);
  }

  function revokeCertificates(deviceId: string): boolean {
    const good = [...certificates.values()].filter((one) => one.deviceId === deviceId && one.revokedMs === null);
    for (const certificate of good) {
      certificate.revokedMs = nowMs();
      store.saveCertificate(certificate);
    }
    return good.length > 0;
  }

  function deviceOf(id: string): DeviceRow {
    const device = byId.get(id);
    if (device) return device;
    throw new HubError("NOT_FOUND", `There is no device "${id}"`, "GET /api/devices lists all.");
  }

  return {
    admit,
    /** The device of a client certificate, null when there is none (any more). */
    admitCertified(id: string): DeviceRow | null {
      const device = byId.get(id);
      return device ? seen(device) : null;
    },
    /** Whether a device may say what messages on a topic mean: those that are nobody else's. */
    mayDescribe(deviceId: string | null, topic: string): boolean {
      const place = placeOf(topic);
      if (deviceId === null || place === null || typeof place === "string") return true;
      return (owners.get(place.key) ?? deviceId) === deviceId;
    },
    /** The device that owns a place, null when nobody does. */
    ownerOf: (place: string): string | null => owners.get(place) ?? null,
    /** Whether a client id is bound to a device. */
    isBound: (clientId: string) => byClientId(clientId) !== undefined,
    rights,
    create,
    approve,
    renew,
    credentialFor,
    rename,
    remove,
    device: deviceOf,
    list: (): DeviceRow[] => [...byId.values()],
    placesOf: (id: string) => [...owners].filter(([, owner]) => owner === id).map(([place]) => place),
    addCertificate,
    /** Ends a device's certificate, and what is connected by it. */
    revokeCertificate(id: string): void {
      const device = deviceOf(id);
      if (revokeCertificates(id)) onEnded(device, false);
    },
    certificateOf: (id: string): CertificateRow | null =>
      [...certificates.values()].find((one) => one.deviceId === id && one.revokedMs === null) ?? null,
    /** A serial that the hub has not given out is no good either. */
    isRevoked: (serial: string) => certificates.get(serial)?.revokedMs !== null,
  };
}

/** A random password has far more bits than anybody can try, so a plain hash suffices; devices reconnect often. */
function hashOf(password: Uint8Array): Buffer {
  return createHash("sha256").update(password).digest();
}

function newPassword(): string {
  const letter = () => passwordLetters[randomInt(passwordLetters.length)];
  return Array.from({ length: passwordLength }, letter).join("");
}
