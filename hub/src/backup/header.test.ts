import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { type ArchiveHeader, decodeHeader, encodeHeader } from "./header.ts";

const header: ArchiveHeader = {
  createdMs: 1_767_571_200_000,
  hubVersion: "0.1.0",
  schemaVersion: 1,
  meters: 5,
  databaseBytes: 4096,
  kdf: { name: "argon2id", version: 19, memoryKib: 65_536, passes: 3, lanes: 4 },
  salt: Buffer.alloc(32, 1).toString("base64"),
  keyCheck: Buffer.alloc(32, 2).toString("base64"),
};

const damage = expect.objectContaining({ code: "BACKUP_DAMAGED" });
const newer = expect.objectContaining({ code: "DATABASE_NEWER", hint: "Update the hub first." });

function withSum(lines: string): Buffer {
  return Buffer.from(`${lines}${createHash("sha256").update(lines).digest("hex")}\n`);
}

function errorOf(bytes: Buffer): unknown {
  try {
    return decodeHeader(bytes);
  } catch (error) {
    return error;
  }
}

test("a header is read as it was written, whatever follows it", () => {
  const bytes = encodeHeader(header);
  const more = Buffer.concat([bytes, Buffer.from("\n\n\u0000 more")]);
  expect(decodeHeader(more)).toEqual({ header, length: bytes.length });
});

test("a header with any byte changed, or cut anywhere, is damaged and neither newer nor a wrong passphrase", () => {
  const bytes = encodeHeader(header);
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] as number) ^ 2; // format 1 would become 3
    expect(errorOf(changed), `byte ${at}`).toEqual(damage);
    expect(errorOf(bytes.subarray(0, at)), `cut at ${at}`).toEqual(damage);
  }
});

test("a later format asks for an update", () => {
  expect(errorOf(withSum("faiban-backup/2\nanything at all\n"))).toEqual(newer);
});

test("a header with values that cannot be is refused, though its sum is right", () => {
  const wrong = [
    null,
    [],
    {},
    { ...header, meters: -1 },
    { ...header, databaseBytes: "4096" },
    { ...header, hubVersion: 1 },
    { ...header, salt: "short" },
    { ...header, kdf: null },
    { ...header, kdf: { ...header.kdf, name: "none" } },
    { ...header, kdf: { ...header.kdf, memoryKib: 1e9 } },
    { ...header, kdf: { ...header.kdf, memoryKib: 31 } },
    { ...header, kdf: { ...header.kdf, passes: 0 } },
    { ...header, kdf: { ...header.kdf, lanes: 1e6 } },
  ];
  for (const value of wrong) {
    expect(errorOf(withSum(`faiban-backup/1\n${JSON.stringify(value)}\n`)), JSON.stringify(value)).toEqual(damage);
  }
  expect(errorOf(withSum("faiban-backup/1\n{\n"))).toEqual(damage);
});

test("another file is no backup", () => {
  for (const text of ["", "faiban", "SQLite format 3\u0000"]) expect(errorOf(Buffer.from(text))).toEqual(damage);
});
