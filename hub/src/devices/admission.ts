/** Who an MQTT client is, by what it shows when it connects. */
import type { Identity } from "../access/roles.ts";
import { allRights, pendingRights, type Rights, readerRights, suiteRights } from "../access/topic-rights.ts";
import type { DeviceRow } from "../records.ts";
import type { Credentials, Devices } from "./devices.ts";
import type { PairingWindow } from "./pairing.ts";

export type ClientIdentity =
  | { kind: "device"; deviceId: string; name: string }
  /** A person's app, or a program with a person's token. */
  | { kind: "person"; person: Identity }
  /** Waits for approval. */
  | { kind: "pending" }
  /** Nobody in particular: on the hub itself before it is claimed, or in a conformance suite. */
  | { kind: "anyone" };

/** What a client shows. */
export interface Client extends Credentials {
  address: string;
  /** From this machine, not through a WebSocket. */
  isLocal: boolean;
  /** Id of the device whose good certificate it showed; `bad` for one that is not good; null for none. */
  certificate: string | "bad" | null;
  /** Who opened the WebSocket, null for a plain connection or nobody. */
  opener: Identity | null;
}

export type Admitted =
  | { identity: ClientIdentity; rights: Rights; keepsSession: boolean }
  | { refused: "credentials" | "not_authorized" | "identifier"; why: string };

export interface AdmissionOptions {
  devices: Devices;
  pairing: PairingWindow;
  identify(token: string): Promise<Identity | null>;
  isClaimed(): boolean;
  /** Everybody may do everything: for conformance suites on loopback. */
  isAnonymous: boolean;
  homeId: string;
  /** The live client of that id, undefined when there is none. */
  clientOf(clientId: string): ClientIdentity | undefined;
}

/** Decides on clients. */
export function createAdmission(options: AdmissionOptions) {
  const { devices, pairing } = options;

  async function admit(client: Client): Promise<Admitted> {
    if (options.isAnonymous) return anyone(suiteRights);
    if (client.certificate !== null) return admitCertified(client, client.certificate);
    const device = devices.admit(client);
    if (device === "refused") return { refused: "credentials", why: "its password or client id is not right" };
    if (device) return admitDevice(device, client);
    const person = (await options.identify(textOf(client.password))) ?? client.opener;
    if (person?.kind === "local") return anyone(allRights);
    if (person) return admitPerson(person, client);
    if (!options.isClaimed()) {
      return client.isLocal ? anyone(allRights) : { refused: "not_authorized", why: "nobody has claimed the hub yet" };
    }
    const live = options.clientOf(client.clientId);
    if (live && live.kind !== "pending") return taken();
    if (pairing.admit(client, client.address)) {
      return { identity: { kind: "pending" }, rights: pendingRights, keepsSession: false };
    }
    const refused = client.username === null ? "not_authorized" : "credentials";
    return { refused, why: "the hub does not know it: pair it, or use its credential" };
  }

  function admitCertified(client: Client, certificate: string): Admitted {
    const device = certificate === "bad" ? null : devices.admitCertified(certificate);
    if (!device) return { refused: "not_authorized", why: "its certificate is not good, or was revoked" };
    if (devices.isBound(client.clientId) && device.clientId !== client.clientId) return taken();
    return admitDevice(device, client);
  }

  function admitDevice(device: DeviceRow, { clientId }: Client): Admitted {
    const live = options.clientOf(clientId);
    if (live && !(live.kind === "device" && live.deviceId === device.id) && live.kind !== "pending") return taken();
    return {
      identity: { kind: "device", deviceId: device.id, name: device.name },
      rights: devices.rights(device),
      keepsSession: device.clientId === clientId,
    };
  }

  function admitPerson(person: Identity, { clientId }: Client): Admitted {
    if (!person.permissions.has("home.view")) {
      return { refused: "not_authorized", why: "the person's role does not see the home" };
    }
    const live = options.clientOf(clientId);
    if (live && !(live.kind === "person" && live.person.personId === person.personId)) return taken();
    return { identity: { kind: "person", person }, rights: readerRights(options.homeId), keepsSession: false };
  }

  return admit;
}

function anyone(rights: Rights): Admitted {
  return { identity: { kind: "anyone" }, rights, keepsSession: true };
}

function taken(): Admitted {
  return { refused: "identifier", why: "another client has this client id" };
}

function textOf(password: Uint8Array | null): string {
  return password === null ? "" : Buffer.from(password).toString("utf8");
}
