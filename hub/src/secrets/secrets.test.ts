import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { keyFile, masterKeyOf, openSecrets } from "./secrets.ts";

function newFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "faiban-secrets-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const unreadable = expect.objectContaining({ code: "SECRETS_UNREADABLE", hint: expect.any(String) });
const secret = Buffer.from("the key of something");

describe("a secret", () => {
  const key = new Uint8Array(32).fill(1);
  let sealed: Map<string, Uint8Array>;
  let secrets: ReturnType<typeof openSecrets>;
  const open = (by: Uint8Array) =>
    openSecrets(by, {
      get: (name) => sealed.get(name) ?? null,
      set: (name, bytes) => void sealed.set(name, bytes),
      clear: () => false,
    });

  beforeEach(() => {
    sealed = new Map();
    secrets = open(key);
  });

  test("comes back as it was, and is not there before", () => {
    expect(secrets.load("token_key")).toBeNull();
    secrets.save("token_key", secret);
    secrets.save("empty", new Uint8Array());
    expect(secrets.load("token_key")).toEqual(secret);
    expect(secrets.load("empty")).toHaveLength(0);
  });

  test("lies sealed, and never the same way twice", () => {
    secrets.save("a", secret);
    const first = Buffer.from(sealed.get("a") ?? []);
    expect(first.includes(secret.subarray(0, 4))).toBe(false);
    secrets.save("a", secret);
    expect(first.equals(sealed.get("a") ?? new Uint8Array())).toBe(false);
  });

  test("opens for no other master key", () => {
    secrets.save("a", secret);
    expect(() => open(new Uint8Array(32).fill(2)).load("a")).toThrow(unreadable);
  });

  test("does not open under another name, so that nobody exchanges two of them", () => {
    secrets.save("a", secret);
    sealed.set("b", sealed.get("a")!);
    expect(() => secrets.load("b")).toThrow(unreadable);
  });

  test("that was changed or cut anywhere does not open", () => {
    secrets.save("a", secret);
    const good = Buffer.from(sealed.get("a")!);
    for (let at = 0; at < good.length; at++) {
      const changed = Buffer.from(good);
      changed[at] = (changed[at] ?? 0) ^ 1;
      sealed.set("a", changed);
      expect(() => secrets.load("a"), `${at}`).toThrow(unreadable);
      sealed.set("a", good.subarray(0, at));
      expect(() => secrets.load("a"), `cut at ${at}`).toThrow(unreadable);
    }
  });
});

/** What a restored database carries; most carry nothing. */
function carrying(key: string | null = null) {
  const carried = {
    key,
    get: () => carried.key,
    clear() {
      carried.key = null;
    },
  };
  return carried;
}

const masterKey = (folder: string, given?: string, carried = carrying()) => masterKeyOf(folder, given, carried);
const base64 = (key: Uint8Array) => Buffer.from(key).toString("base64");

describe("the master key", () => {
  test("is made once, and is readable by the hub's user alone", () => {
    const folder = newFolder();
    const { key, isNew } = masterKey(folder);
    expect({ bytes: key.length, isNew }).toEqual({ bytes: 32, isNew: true });
    expect(masterKey(folder)).toEqual({ key, isNew: false });
    expect(masterKey(newFolder()).key).not.toEqual(key);
    expect(statSync(keyFile(folder)).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(["master.key"]);
  });

  test("of the environment comes before the file, and makes none", () => {
    const folder = newFolder();
    const key = Buffer.alloc(32, 5);
    expect(masterKey(folder, base64(key))).toEqual({ key, isNew: false });
    expect(readdirSync(folder)).toEqual([]);
  });

  test("that a restored database carries takes the place of the folder's, and is carried no longer", () => {
    const folder = newFolder();
    masterKey(folder);
    const key = Buffer.alloc(32, 6);
    const carried = carrying(base64(key));
    expect(masterKey(folder, undefined, carried)).toEqual({ key, isNew: false });
    expect(carried.key).toBeNull();
    expect(masterKey(folder)).toEqual({ key, isNew: false });
    expect(statSync(keyFile(folder)).mode & 0o777).toBe(0o600);
  });

  test("that a restored database carries stays with it while the environment names another", () => {
    const carried = carrying(base64(Buffer.alloc(32, 6)));
    masterKey(newFolder(), base64(Buffer.alloc(32, 5)), carried);
    expect(carried.key).not.toBeNull();
    masterKey(newFolder(), base64(Buffer.alloc(32, 6)), carried);
    expect(carried.key).toBeNull();
  });

  test.each(["", "AAAA", "not a key", base64(Buffer.alloc(33))])("is not %j", (text) => {
    const folder = newFolder();
    writeFileSync(keyFile(folder), text);
    expect(() => masterKey(folder)).toThrow(unreadable);
    expect(readFileSync(keyFile(folder), "utf8"), "left as it was").toBe(text);
    if (text === "") return; // an empty variable is none
    expect(() => masterKey(newFolder(), text)).toThrow(unreadable);
    expect(() => masterKey(newFolder(), undefined, carrying(text))).toThrow(unreadable);
  });

  test("with a line break at its end, as an editor leaves it, is the same", () => {
    const folder = newFolder();
    const { key } = masterKey(folder);
    writeFileSync(keyFile(folder), `${base64(key)}\n`);
    expect(masterKey(folder)).toEqual({ key, isNew: false });
  });

  test("is written over what an interrupted start left, and kept from others' eyes", () => {
    const folder = newFolder();
    writeFileSync(`${keyFile(folder)}.part`, "half", { mode: 0o644 });
    masterKey(folder);
    expect(statSync(keyFile(folder)).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(["master.key"]);
  });
});
