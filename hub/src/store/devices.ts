/** Credentials of devices, the topics they own, and their certificates. */
import type { CertificateRow, DeviceRow } from "../records.ts";
import type { Db } from "./database.ts";

export function deviceTables(db: Db) {
  const all = db.prepare(
    `SELECT id, name, kind, dialect, client_id AS clientId, username, password_hash AS passwordHash, created_ms AS createdMs,
       last_seen_ms AS lastSeenMs, unused_until_ms AS unusedUntilMs FROM device ORDER BY created_ms, id`,
  );
  const save = db.prepare(
    `INSERT INTO device (id, name, kind, dialect, client_id, username, password_hash, created_ms, last_seen_ms, unused_until_ms)
     VALUES (@id, @name, @kind, @dialect, @clientId, @username, @passwordHash, @createdMs, @lastSeenMs, @unusedUntilMs)
     ON CONFLICT (id) DO UPDATE SET name = @name, kind = @kind, dialect = @dialect, client_id = @clientId,
       username = @username, password_hash = @passwordHash, last_seen_ms = @lastSeenMs, unused_until_ms = @unusedUntilMs`,
  );
  const remove = db.prepare("DELETE FROM device WHERE id = ?");
  const freeMeters = db.prepare("UPDATE meter SET device_id = NULL WHERE device_id = ?");
  const places = db.prepare("SELECT place, device_id AS deviceId FROM device_topic");
  const savePlace = db.prepare("INSERT INTO device_topic (place, device_id) VALUES (?, ?)");
  const certificates = db.prepare(
    "SELECT serial, device_id AS deviceId, expires_ms AS expiresMs, revoked_ms AS revokedMs FROM device_certificate",
  );
  const saveCertificate = db.prepare(
    `INSERT OR REPLACE INTO device_certificate (serial, device_id, expires_ms, revoked_ms)
     VALUES (@serial, @deviceId, @expiresMs, @revokedMs)`,
  );

  return {
    load: () => all.all() as DeviceRow[],
    save: (device: DeviceRow) => void save.run(device),
    /** Removes a device; the topics and meters that were its own are free. */
    remove(id: string): void {
      db.transaction(() => {
        freeMeters.run(id);
        remove.run(id);
      })();
    },
    places: () => places.all() as { place: string; deviceId: string }[],
    savePlace: (place: string, deviceId: string) => void savePlace.run(place, deviceId),
    certificates: () => certificates.all() as CertificateRow[],
    saveCertificate: (certificate: CertificateRow) => void saveCertificate.run(certificate),
  };
}
