import { argon2Sync } from "node:crypto";
import { expect, test } from "vitest";
import { hashPassword, isNobodysPassword, isPassword } from "./passwords.ts";

test("a password is known by its hash, and by no other", async () => {
  const hash = await hashPassword("ความลับของบ้าน");
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  expect(await isPassword("ความลับของบ้าน", hash)).toBe(true);
  expect(await isPassword("ความลับของบ้า", hash)).toBe(false);
  expect(await isPassword("", hash)).toBe(false);
  expect(await hashPassword("ความลับของบ้าน"), "salted").not.toBe(hash);
});

test("a password is the same however the keyboard composes its letters", async () => {
  expect(await isPassword("cafe\u0301", await hashPassword("caf\u00e9"))).toBe(true);
});

test("a hash of other cost, as of an earlier version, is still understood", async () => {
  const nonce = Buffer.from("0123456789abcdef");
  const hash = argon2Sync("argon2id", {
    message: "old",
    nonce,
    memory: 1024,
    passes: 3,
    parallelism: 1,
    tagLength: 32,
  });
  const unpadded = (bytes: Buffer) => bytes.toString("base64").replace(/=+$/, "");
  const phc = `$argon2id$v=19$m=1024,t=3,p=1$${unpadded(nonce)}$${unpadded(hash)}`;
  expect(await isPassword("old", phc)).toBe(true);
  expect(await isPassword("new", phc)).toBe(false);
});

test.each(["", "plain", "$argon2i$v=19$m=19456,t=2,p=1$AAAA$AAAA", "$argon2id$v=19$m=19456,t=2,p=1$AAAA$"])(
  "a text that is no hash is nobody's password: %j",
  async (phc) => expect(await isPassword("", phc)).toBe(false),
);

test("more than a home's people at once are turned away, and the next are served", async () => {
  const all = await Promise.allSettled(Array.from({ length: 30 }, async () => isNobodysPassword("guess")));
  const failed = all.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  expect(failed).toHaveLength(10);
  expect(failed[0]).toMatchObject({ code: "TOO_MANY_ATTEMPTS", hint: expect.any(String) });
  expect(await isNobodysPassword("guess")).toBe(false);
});
