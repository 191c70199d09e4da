/** Builds who may come in and what they may do: secrets, audit log, people, devices, pairing. */
import { randomBytes } from "node:crypto";
import { createMessage, decode, quantities } from "@faiban/device-drivers";
import { type AuditEnds, createAudit, type NewEntry } from "./audit/audit.ts";
import type { Config } from "./config.ts";
import { createDevices } from "./devices/devices.ts";
import { createPairing, type Understood } from "./devices/pairing.ts";
import type { Log } from "./log.ts";
import { createPeople } from "./people/people.ts";
import type { Ended } from "./people/watches.ts";
import { carriedKeySetting } from "./secrets/carried-key.ts";
import { masterKeyOf, openSecrets, type Secrets } from "./secrets/secrets.ts";
import type { Store } from "./store/store.ts";

export interface SecurityOptions {
  config: Config;
  store: Store;
  log: Log;
  nowMs(): number;
  /** Sockets and connections of these people end. */
  onPersonEnded(ended: Ended): void;
  /** Connections of the device end; with `isRemoved` its meters are nobody's in particular. */
  onDeviceEnded(device: { id: string; clientId: string | null }, isRemoved: boolean): void;
  /** The hub has an owner now: whoever was let in because it had none must go. */
  onClaimed(): void;
  /** A client that waits, or waited, for approval must go. */
  onPendingEnded(clientId: string): void;
}

export type Security = ReturnType<typeof openSecurity>;

const keyBytes = 32;
const endExpiredEveryMs = 60_000;

/** A database that was copied without its key is still a home's history. */
const secretsLost =
  "The master key that belongs to the database is not in its folder, so its secrets were made anew: everybody signs in " +
  "again, phones must trust the hub's new certificate, and devices with certificates need new ones";

/** Opens all of it. Throws HubError SECRETS_UNREADABLE when the master key is not the database's. */
export function openSecurity({ config, store, log, nowMs, ...on }: SecurityOptions) {
  const carried = {
    get: () => store.setting(carriedKeySetting),
    clear: () => store.eraseSetting(carriedKeySetting),
  };
  const { key, isNew } = masterKeyOf(config.data, process.env.FAIBAN_MASTER_KEY, carried);
  if (isNew && store.secrets.clear()) log.error(secretsLost);
  const secrets = openSecrets(key, store.secrets);
  const auditLog = createAudit({
    table: store.audit,
    key: keyOf(secrets, "audit_key"),
    nowMs,
    ends: {
      load: () => JSON.parse(textOf(secrets.load("audit_ends")) ?? "null") as AuditEnds | null,
      save: (ends) => secrets.save("audit_ends", Buffer.from(JSON.stringify(ends))),
    },
    onFailed: (error) => log.error(`The audit log could not be written: ${error.message}`),
  });
  const audit = (entry: NewEntry) => store.atOnce(() => auditLog.add(entry));
  const people = createPeople({
    store: store.people(config.homeId),
    tokenKey: keyOf(secrets, "token_key"),
    nowMs,
    audit,
    onEnded: on.onPersonEnded,
    onClaimed: on.onClaimed,
  });
  const devices = createDevices({
    store: store.devices,
    nowMs,
    onEnded: on.onDeviceEnded,
    onPaired: (device, how) =>
      audit({ actor: device.name, action: "device.pair", target: device.clientId ?? "", detail: how }),
  });
  const pairing = createPairing({
    nowMs,
    understand,
    approve: devices.approve,
    disconnect: on.onPendingEnded,
  });
  const timer = setInterval(() => {
    try {
      people.endExpired();
    } catch (error) {
      log.error(`What has expired could not be removed: ${(error as Error).message}`); // the next look tries again
    }
  }, endExpiredEveryMs);
  return {
    ...{ secrets, auditLog, audit, people, devices, pairing },
    close(): void {
      clearInterval(timer);
      pairing.stop();
    },
  };
}

/** A key of the hub's own, made when it is first needed. */
function keyOf(secrets: Secrets, name: string): Uint8Array {
  const known = secrets.load(name);
  if (known) return known;
  const key = randomBytes(keyBytes);
  secrets.save(name, key);
  return key;
}

/** What a message says, for the eyes of who decides on its sender. */
function understand(topic: string, payload: Uint8Array): Understood | null {
  const found = decode(createMessage({ topic, payload, retain: false }));
  if (!found || !("meters" in found.decoded)) return null;
  const [meter] = found.decoded.meters;
  if (!meter) return null;
  return {
    dialect: found.dialect,
    name: meter.name ?? null,
    model: meter.model ?? null,
    readings: meter.readings.map(({ quantity, value }) => ({ quantity, value, unit: quantities[quantity].unit })),
  };
}

function textOf(bytes: Uint8Array | null): string | null {
  return bytes && Buffer.from(bytes).toString("utf8");
}
