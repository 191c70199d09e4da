import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { runDatabaseJob } from "./database-job.ts";
import { decodeHeader } from "./header.ts";
import type { Progress } from "./progress.ts";
import { readBackup } from "./read-backup.ts";
import { cheapKdf, metersIn, newFolder, openSample, passphrase, sampleFolder } from "./sample.ts";
import { segmentBytes, tagBytes } from "./segments.ts";
import { type BackupOptions, writeBackup } from "./write-backup.ts";

async function backUp(folder: string, target: string, more: Partial<BackupOptions> = {}) {
  const database = path.join(folder, "faiban.db");
  return await writeBackup({ database, target, passphrase, hubVersion: "1.2.3", createdMs: 5, kdf: cheapKdf, ...more });
}

const read = (archive: string, to: string | null = null, more = {}) =>
  readBackup({ archive, to, passphrase, schemaVersion: 1, ...more });

/** What a backup may leave in a data folder: nothing but the database and the empty lock. */
function leftIn(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true }).map(String);
  return names.filter((name) => !/^faiban\.db(-wal|-shm)?$/.test(name)).sort();
}
const onlyLock = ["backup-work", "backup-work/lock"];

const damage = expect.objectContaining({ code: "BACKUP_DAMAGED" });

describe("a backup", () => {
  test("holds the database of that moment, what is only in the write-ahead log included", async () => {
    const folder = sampleFolder("first", 300);
    const target = path.join(newFolder(), "a.backup");
    const db = openSample(folder);
    db.exec("INSERT INTO meter VALUES ('second')");
    const { header, bytes } = await backUp(folder, target);
    expect(header).toMatchObject({ meters: 2, schemaVersion: 1, hubVersion: "1.2.3", createdMs: 5 });
    expect(statSync(target)).toMatchObject({ size: bytes, mode: 0o100600 });
    const copy = path.join(newFolder(), "copy.db");
    expect(await read(target, copy)).toMatchObject({ header, archiveBytes: bytes });
    expect(metersIn(copy)).toEqual(["first", "second"]);
    expect(statSync(copy)).toMatchObject({ size: header.databaseBytes, mode: 0o100600 });
    expect(leftIn(folder)).toEqual(onlyLock);
    expect(readdirSync(path.dirname(target))).toEqual(["a.backup"]);
  });

  test("keeps to one moment and never begins again, though each of its steps meets a commit", async () => {
    const folder = sampleFolder("meter", 20_000);
    const db = openSample(folder);
    const insert = db.prepare("INSERT INTO reading (meter, data) VALUES ('meter', zeroblob(20000))");
    const copied: Progress[] = [];
    const onProgress = (progress: Progress) => {
      if (progress.phase !== "copy") return;
      copied.push(progress);
      insert.run();
    };
    const target = path.join(newFolder(), "a.backup");
    const { header } = await backUp(folder, target, { onProgress });
    expect(copied.length).toBeGreaterThan(10);
    expect(copied.every(({ total }) => total === header.databaseBytes)).toBe(true);
    expect(copied.every(({ done }, i) => i === 0 || done > (copied[i - 1]?.done ?? 0))).toBe(true);
    await read(target);
  });

  test("of the same database is another file each time", async () => {
    const folder = sampleFolder("meter", 1);
    const out = newFolder();
    await backUp(folder, path.join(out, "a"));
    await backUp(folder, path.join(out, "b"));
    const [a, b] = ["a", "b"].map((name) => decodeHeader(readFileSync(path.join(out, name))).header);
    expect(a?.salt).not.toBe(b?.salt);
    expect(a?.keyCheck).not.toBe(b?.keyCheck);
  });

  test("says how far it is, and stops when asked, in every phase", async () => {
    const folder = sampleFolder("meter", 3000);
    const out = newFolder();
    const target = path.join(out, "a.backup");
    for (const phase of ["copy", "write"]) {
      const stop = new AbortController();
      const onProgress = (progress: Progress) => progress.phase === phase && stop.abort();
      const failing = backUp(folder, target, { signal: stop.signal, onProgress });
      expect(await failing.catch((error) => error)).toBe(stop.signal.reason);
      expect(readdirSync(out)).toEqual([]);
      expect(leftIn(folder)).toEqual(onlyLock);
    }
    const last = new Map<string, Progress>();
    await backUp(folder, target, { onProgress: (progress) => void last.set(progress.phase, progress) });
    expect([...last.values()].every(({ done, total }) => done === total && total > 3e6)).toBe(true);
    expect([...last.keys()]).toEqual(["copy", "write"]);
    const stop = new AbortController();
    const copy = path.join(out, "copy.db");
    const reading = read(target, copy, { signal: stop.signal, onProgress: () => stop.abort() });
    await expect(reading).rejects.toThrow("abort");
    expect(existsSync(copy)).toBe(false);
  });

  test("leaves the event loop free while the database is checked", async () => {
    const file = path.join(sampleFolder("meter", 20_000), "faiban.db");
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    await runDatabaseJob({ source: null, file }, {});
    clearInterval(timer);
    expect(turns).toBeGreaterThan(5); // on the loop itself the check is one call, and there would be none
  });
});

describe("a backup is not made", () => {
  test("over a file that is there", async () => {
    const target = path.join(newFolder(), "a.backup");
    writeFileSync(target, "precious");
    await expect(backUp(sampleFolder("meter", 1), target)).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    expect(readFileSync(target, "utf8")).toBe("precious");
  });

  test("over a file that came while it was made", async () => {
    const out = newFolder();
    const target = path.join(out, "a.backup");
    const onProgress = () => writeFileSync(target, "precious");
    const folder = sampleFolder("meter", 1);
    await expect(backUp(folder, target, { onProgress })).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    expect(readFileSync(target, "utf8")).toBe("precious");
    expect(readdirSync(out)).toEqual(["a.backup"]);
  });

  test.each(["", "            ", "eleven char"])("with the passphrase %j", async (weak) => {
    const target = path.join(newFolder(), "a.backup");
    const failing = backUp(sampleFolder("meter", 1), target, { passphrase: weak });
    await expect(failing).rejects.toMatchObject({ code: "CONFIG_INVALID", hint: expect.stringContaining("12") });
  });

  test("without a database, or without a folder to write to", async () => {
    const target = path.join(newFolder(), "a.backup");
    await expect(backUp(newFolder(), target)).rejects.toMatchObject({ code: "NOT_FOUND" });
    const nowhere = path.join(newFolder(), "none", "a.backup");
    await expect(backUp(sampleFolder("meter", 1), nowhere)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  test("where the system refuses to write", async () => {
    const folder = sampleFolder("meter", 1);
    const out = newFolder();
    const tooLong = path.join(out, "a".repeat(255)); // a name that is allowed, but not with the ending of a temporary file
    await expect(backUp(folder, tooLong)).rejects.toMatchObject({ code: "DATA_UNWRITABLE" });
    expect(readdirSync(out)).toEqual([]);
    expect(leftIn(folder)).toEqual(onlyLock);
  });

  test.runIf(process.platform === "linux")("on a disk without space, and it does not begin", async () => {
    const folder = sampleFolder("meter", 1);
    const noSpace = { code: "DATA_UNWRITABLE", message: expect.stringContaining("0.0 MB free") };
    await expect(backUp(folder, "/proc/a.backup")).rejects.toMatchObject(noSpace);
    expect(leftIn(folder)).toEqual([]);
  });

  test("of a damaged database, or one whose rows have lost what they belong to", async () => {
    const target = path.join(newFolder(), "a.backup");
    const cut = sampleFolder("meter", 100);
    const file = path.join(cut, "faiban.db");
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.fill(0xff, 8192, 20_000));
    await expect(backUp(cut, target)).rejects.toMatchObject({ code: "DATABASE_DAMAGED" });
    const lost = sampleFolder("meter", 1);
    const withIndex = openSample(lost);
    withIndex.exec("CREATE INDEX reading_meter ON reading (meter)");
    withIndex.unsafeMode();
    withIndex.pragma("writable_schema = ON");
    withIndex.exec("DELETE FROM sqlite_schema WHERE name = 'reading_meter'"); // its pages now belong to nothing
    withIndex.close();
    await expect(backUp(lost, target)).rejects.toMatchObject({ code: "DATABASE_DAMAGED" });
    const orphaned = sampleFolder("meter", 1);
    const db = openSample(orphaned);
    db.pragma("foreign_keys = OFF");
    db.exec("DELETE FROM meter");
    await expect(backUp(orphaned, target)).rejects.toMatchObject({ code: "DATABASE_DAMAGED" });
    writeFileSync(file, "no database at all, yet as long as one would have to be".repeat(100));
    await expect(backUp(cut, target)).rejects.toMatchObject({ code: "DATABASE_DAMAGED" });
    expect(existsSync(target)).toBe(false);
    expect(leftIn(cut)).toEqual(onlyLock);
  });

  test("while another one is at work in the folder", async () => {
    const folder = sampleFolder("meter", 2000);
    const out = newFolder();
    let second: Promise<unknown> | undefined;
    const onProgress = () => {
      second ??= backUp(folder, path.join(out, "b")).catch((error) => error);
    };
    await backUp(folder, path.join(out, "a"), { onProgress });
    expect(await second).toMatchObject({ code: "DATA_IN_USE" });
    await read(path.join(out, "a"));
  });
});

test("what a killed backup left behind is removed by the next one, and nothing else", async () => {
  const folder = sampleFolder("meter", 1);
  const out = newFolder();
  const part = path.join(out, "old.backup.12345678.part");
  mkdirSync(path.join(folder, "backup-work"));
  for (const name of ["copy.db", "copy.db-journal", "restored.db"]) {
    writeFileSync(path.join(folder, "backup-work", name), "left");
  }
  writeFileSync(path.join(folder, "backup-work", "outside"), part);
  writeFileSync(part, "left");
  writeFileSync(path.join(out, "other.part"), "not ours");
  await backUp(folder, path.join(out, "a.backup"));
  expect(readdirSync(out).sort()).toEqual(["a.backup", "other.part"]);
  expect(leftIn(folder)).toEqual(onlyLock);
});

describe("an archive is refused", () => {
  /** An archive of four segments or so. */
  async function archive(): Promise<{
    bytes: Buffer;
    start: number;
    read(changed: Buffer, more?: object): Promise<unknown>;
  }> {
    const target = path.join(newFolder(), "a.backup");
    await backUp(sampleFolder("meter", 200), target);
    const bytes = readFileSync(target);
    const file = `${target}.changed`;
    return {
      bytes,
      start: decodeHeader(bytes).length,
      async read(changed, more = {}) {
        writeFileSync(file, changed);
        const to = `${file}.db`;
        const result = await read(file, to, more).catch((error) => error);
        expect(existsSync(to), "a database of a damaged archive").toBe(false);
        throw result;
      },
    };
  }

  test("when any bit of it is flipped", async () => {
    const { bytes, read } = await archive();
    // 97 is prime: the places go through all of the header, the segments and their tags.
    const places = [...Array(60).keys()].map((i) => Math.floor((i * bytes.length) / 60) + (i % 97));
    for (const at of [...places, bytes.length - 1]) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] as number) ^ (1 << (at % 8));
      await expect(read(changed), `byte ${at}`).rejects.toEqual(damage);
    }
  });

  test("when it is cut, at each boundary of a segment and beside it", async () => {
    const { bytes, start, read } = await archive();
    const size = segmentBytes + tagBytes;
    const boundaries = [...Array(Math.ceil((bytes.length - start) / size)).keys()].map((i) => start + i * size);
    expect(boundaries.length).toBeGreaterThan(3);
    const cuts = [0, 1, 14, 200, ...boundaries.flatMap((at) => [at - 1, at, at + 1, at + 30_000]), bytes.length - 1];
    for (const cut of cuts.filter((at) => at < bytes.length)) {
      await expect(read(bytes.subarray(0, cut)), `${cut}`).rejects.toEqual(damage);
    }
  });

  test("when something is added, or segments are swapped", async () => {
    const { bytes, start, read } = await archive();
    await expect(read(Buffer.concat([bytes, Buffer.alloc(1)]))).rejects.toEqual(damage);
    await expect(read(Buffer.concat([bytes, bytes.subarray(start)]))).rejects.toEqual(damage);
    const size = segmentBytes + tagBytes;
    const [one, two, rest] = [start, start + size, start + 2 * size];
    const parts = [bytes.subarray(0, one), bytes.subarray(two, rest), bytes.subarray(one, two), bytes.subarray(rest)];
    await expect(read(Buffer.concat(parts))).rejects.toEqual(damage);
  });

  test("when its segments are of another archive with the same passphrase", async () => {
    const [a, b] = [await archive(), await archive()];
    const mixed = Buffer.concat([a.bytes.subarray(0, a.start), b.bytes.subarray(b.start)]);
    await expect(a.read(mixed)).rejects.toEqual(damage);
  });

  test("with another passphrase, and that is not called damage", async () => {
    const { bytes, read } = await archive();
    const wrong = expect.objectContaining({ code: "BACKUP_PASSPHRASE" });
    for (const other of ["", "correct horse batterx", `${passphrase} `]) {
      await expect(read(bytes, { passphrase: other })).rejects.toEqual(wrong);
    }
  });

  test("when its database is newer than this hub", async () => {
    const { bytes, read } = await archive();
    const newer = { code: "DATABASE_NEWER", hint: "Update the hub first." };
    await expect(read(bytes, { schemaVersion: 0 })).rejects.toMatchObject(newer);
  });
});
