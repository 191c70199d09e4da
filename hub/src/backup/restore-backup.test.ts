import { copyFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { type RestoreOptions, restoreBackup } from "./restore-backup.ts";
import { cheapKdf, metersIn, newFolder, openSample, passphrase, sampleFolder } from "./sample.ts";
import { writeBackup } from "./write-backup.ts";

async function archiveOf(meter: string): Promise<string> {
  const target = path.join(newFolder(), "a.backup");
  const database = path.join(sampleFolder(meter, 50), "faiban.db");
  await writeBackup({ database, target, passphrase, hubVersion: "1", createdMs: 0, kdf: cheapKdf });
  return target;
}

function restore(archive: string, folder: string, more: Partial<RestoreOptions> = {}) {
  const lockFolder = async () => async () => {};
  const options = { archive, folder, passphrase, schemaVersion: 1, replace: true, asideStamp: "then", lockFolder };
  return restoreBackup({ ...options, ...more });
}

const databaseIn = (folder: string) => path.join(folder, "faiban.db");
const asideIn = (folder: string) => `${databaseIn(folder)}.before-restore-then`;

/** A folder as a killed hub leaves it: its last commits are only in the write-ahead log. */
function killedFolder(meters: readonly string[]): string {
  const live = newFolder();
  const db = openSample(live);
  db.pragma("wal_checkpoint(TRUNCATE)");
  for (const meter of meters) db.prepare("INSERT INTO meter VALUES (?)").run(meter);
  const folder = newFolder();
  for (const suffix of ["", "-wal", "-shm"]) copyFileSync(databaseIn(live) + suffix, databaseIn(folder) + suffix);
  db.close();
  return folder;
}

describe("restoring", () => {
  test("makes the folder, and leaves only the database and an empty lock", async () => {
    const folder = path.join(newFolder(), "some", "where");
    const restored = await restore(await archiveOf("new"), folder, { replace: false });
    expect(restored).toMatchObject({ setAside: null, header: { meters: 1 } });
    expect(metersIn(databaseIn(folder))).toEqual(["new"]);
    expect(readdirSync(folder, { recursive: true }).sort()).toEqual(["backup-work", "backup-work/lock", "faiban.db"]);
    expect(statSync(databaseIn(folder)).mode).toBe(0o100600);
  });

  test("sets the old database aside, with what was only in its write-ahead log", async () => {
    const folder = killedFolder(["old", "older"]);
    expect(statSync(`${databaseIn(folder)}-wal`).size).toBeGreaterThan(0);
    const { setAside } = await restore(await archiveOf("new"), folder);
    expect(setAside).toBe(asideIn(folder));
    expect(metersIn(asideIn(folder))).toEqual(["old", "older"]);
    expect(metersIn(databaseIn(folder))).toEqual(["new"]);
  });

  test("does not let a stale write-ahead log into the new database, though its own database is gone", async () => {
    const folder = killedFolder(["old"]);
    const other = newFolder();
    for (const suffix of ["-wal", "-shm"]) copyFileSync(databaseIn(folder) + suffix, databaseIn(other) + suffix);
    await restore(await archiveOf("new"), other, { replace: false });
    expect(metersIn(databaseIn(other))).toEqual(["new"]);
    expect(existsSync(`${asideIn(other)}-wal`)).toBe(true);
    expect(readFileSync(`${asideIn(other)}-wal`)).toEqual(readFileSync(`${databaseIn(folder)}-wal`));
  });

  test("replaces a database that cannot be read, and keeps it with its log", async () => {
    const folder = killedFolder(["old"]);
    const noDatabase = "no database at all, yet as long as one would have to be".repeat(100);
    writeFileSync(databaseIn(folder), noDatabase);
    const log = readFileSync(`${databaseIn(folder)}-wal`);
    await restore(await archiveOf("new"), folder);
    expect(metersIn(databaseIn(folder))).toEqual(["new"]);
    expect(readFileSync(asideIn(folder), "utf8") === noDatabase).toBe(true);
    expect(readFileSync(`${asideIn(folder)}-wal`)).toEqual(log);
  });

  test("changes nothing in a folder that has a database, unless it may be replaced", async () => {
    const folder = sampleFolder("old", 1);
    const failing = restore(await archiveOf("new"), folder, { replace: false });
    await expect(failing).rejects.toMatchObject({ hint: expect.stringContaining("--replace") });
    expect(metersIn(databaseIn(folder))).toEqual(["old"]);
  });

  test("overwrites nothing that was set aside before", async () => {
    const folder = sampleFolder("old", 1);
    writeFileSync(asideIn(folder), "precious");
    writeFileSync(`${asideIn(folder)}-2-wal`, "precious too");
    const { setAside } = await restore(await archiveOf("new"), folder);
    expect(setAside).toBe(`${asideIn(folder)}-3`);
    expect(metersIn(`${asideIn(folder)}-3`)).toEqual(["old"]);
    expect(readFileSync(asideIn(folder), "utf8")).toBe("precious");
    expect(readFileSync(`${asideIn(folder)}-2-wal`, "utf8")).toBe("precious too");
  });

  test("changes nothing when the archive is damaged, and leaves no plain copy", async () => {
    const folder = sampleFolder("old", 1);
    const archive = await archiveOf("new");
    writeFileSync(archive, readFileSync(archive).subarray(0, -1));
    await expect(restore(archive, folder)).rejects.toMatchObject({ code: "BACKUP_DAMAGED" });
    expect(metersIn(databaseIn(folder))).toEqual(["old"]);
    expect(readdirSync(path.join(folder, "backup-work"))).toEqual(["lock"]);
  });

  test("waits for no program that has the database open", async () => {
    const folder = sampleFolder("old", 1);
    const db = openSample(folder);
    db.exec("INSERT INTO meter VALUES ('last')");
    await expect(restore(await archiveOf("new"), folder)).rejects.toMatchObject({ code: "DATA_IN_USE" });
    db.exec("INSERT INTO meter VALUES ('later')");
    db.close();
    expect(metersIn(databaseIn(folder))).toEqual(["last", "later", "old"]);
  });

  test("is locked out by a hub, and lets hubs in again whatever happens", async () => {
    const folder = sampleFolder("old", 1);
    let holders = 0;
    const lockFolder = async () => {
      holders++;
      return async () => void holders--;
    };
    await restore(await archiveOf("new"), folder, { lockFolder });
    await expect(restore(await archiveOf("new"), folder, { lockFolder, passphrase: "x" })).rejects.toThrow();
    expect(holders).toBe(0);
    const locked = async () => Promise.reject(new Error("in use"));
    await expect(restore(await archiveOf("new"), folder, { lockFolder: locked })).rejects.toThrow("in use");
  });
});

test("a restored database is brought up to date like any other", async () => {
  const folder = newFolder();
  await restore(await archiveOf("new"), folder);
  const db = new Database(databaseIn(folder));
  expect(db.pragma("user_version", { simple: true })).toBe(1);
  db.pragma("journal_mode = WAL");
  db.exec("INSERT INTO meter VALUES ('next')");
  db.close();
  expect(metersIn(databaseIn(folder))).toEqual(["new", "next"]);
});
