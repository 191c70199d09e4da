import { describe, expect, test } from "vitest";
import { checkNewPassphrase, deriveKeys } from "./key.ts";
import { cheapKdf } from "./sample.ts";

const salt = Buffer.from(Array.from({ length: 32 }, (_, i) => i));

describe("keys", () => {
  test("are those that argon2-cffi and cryptography (Python) derive", async () => {
    const keys = await deriveKeys("correct horse battery", salt, { memoryKib: 1024, passes: 2, lanes: 4 });
    expect(keys.payloadKey.toString("hex")).toBe("6a4aadf2535b4187a9ba574a108b231881ab37f097184c7702b15ede42107197");
    expect(keys.keyCheck.toString("hex")).toBe("2ce674383bb12987d53dc4f407b2aa050fb694f13832f4509ff15c65328e7d37");
  });

  test("are the same however a keyboard composes letters, and others for another salt", async () => {
    const one = await deriveKeys("caf\u00e9 caf\u00e9 caf\u00e9", salt, cheapKdf);
    expect(await deriveKeys("cafe\u0301 cafe\u0301 cafe\u0301", salt, cheapKdf)).toEqual(one);
    expect(await deriveKeys("caf\u00e9 caf\u00e9 caf\u00e9", Buffer.alloc(32), cheapKdf)).not.toEqual(one);
  });
});

test("a passphrase's length is counted in characters, without spaces around it", () => {
  const weak = expect.objectContaining({ code: "CONFIG_INVALID" });
  const errorOf = (passphrase: string) => {
    try {
      checkNewPassphrase(passphrase);
    } catch (error) {
      return error;
    }
  };
  expect(errorOf("twelve chars")).toBe(undefined);
  expect(errorOf("😀".repeat(6))).toEqual(weak);
  expect(errorOf(`   ${"a".repeat(11)}   `)).toEqual(weak);
  expect(errorOf("")).toEqual(weak);
});
