import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { element, integer, oid, readElements, sequence, tags, time } from "./der.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

describe("DER is written so that", () => {
  test("lengths take as few bytes as they can", () => {
    const heads = [0, 127, 128, 255, 256, 65_536].map((length) => hex(element(4, Buffer.alloc(length)).subarray(0, 5)));
    expect(heads).toEqual(["0400", "047f000000", "0481800000", "0481ff0000", "0482010000", "0483010000"]);
  });

  test("integers are positive and without zeros that they do not need", () => {
    const bytes = [[0], [0, 0, 5], [0x80], [0x00, 0x7f, 0xff]];
    expect(bytes.map((one) => hex(integer(Uint8Array.from(one))))).toEqual([
      ...["020100", "020105", "02020080", "02027fff"],
    ]);
  });

  test("object identifiers have large arcs in pieces of seven bits", () => {
    expect(hex(oid("1.2.840.10045.4.3.2"))).toBe("06082a8648ce3d040302");
  });

  test("times from 2050 on have four digits for the year", () => {
    expect(time(Date.UTC(2049, 11, 31, 23, 59, 59)).toString("latin1")).toBe("\x17\x0d491231235959Z");
    expect(time(Date.UTC(2050, 0, 1)).toString("latin1")).toBe("\x18\x0f20500101000000Z");
  });
});

describe("DER is read so that", () => {
  test("what was written comes back", () => {
    const inner = element(tags.octetString, randomBytes(300));
    const [outer, more] = readElements(Buffer.concat([sequence(inner), integer(Uint8Array.of(1))]));
    expect(readElements(outer?.content ?? Buffer.alloc(0))[0]?.whole).toEqual(inner);
    expect(more?.tag).toBe(tags.integer);
  });

  test.each(["30", "3001", "3080", "308101aa", "30820001aa", "3085000000000101", "30ff", "0481", "048200"])(
    "%s is refused",
    (bytes) => {
      expect(() => readElements(Buffer.from(bytes, "hex"))).toThrow(RangeError);
    },
  );

  test("bytes of chance neither hang nor throw anything else", () => {
    for (let i = 0; i < 2000; i++) {
      try {
        readElements(randomBytes(40));
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }
  });
});
