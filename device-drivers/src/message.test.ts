import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { createMessage } from "./message.ts";

function message(payload: string | Uint8Array) {
  return createMessage({ topic: "a/b", payload: typeof payload === "string" ? Buffer.from(payload) : payload });
}

describe("text", () => {
  test("a byte order mark is not part of the text", () => {
    expect(message("\uFEFF12").text()).toBe("12");
  });

  test("bytes that are not UTF-8 are no text and no JSON", () => {
    const broken = message(Uint8Array.of(0x22, 0xc3, 0x28, 0x22));
    expect(broken.text()).toBeUndefined();
    expect(broken.json()).toBeUndefined();
  });

  test("an empty payload is an empty text", () => {
    expect(message("").text()).toBe("");
    expect(message("").json()).toBeUndefined();
  });
});

describe("json", () => {
  test("null is null, which differs from no JSON", () => {
    expect(message(" null ").json()).toBeNull();
    expect(message("nul").json()).toBeUndefined();
  });

  test("a bare nan or inf reads as null and the rest stands", () => {
    const text = '{"a":nan,"b":-nan,"c":[NaN,1],"d":inf,"e":-Infinity,"f":2}';
    expect(message(text).json()).toEqual({ a: null, b: null, c: [null, 1], d: null, e: null, f: 2 });
  });

  test("nan inside a string stays as it is", () => {
    expect(message('{"a":nan,"b":"a \\"nan\\" inf"}').json()).toEqual({ a: null, b: 'a "nan" inf' });
  });

  test("words that only contain nan are no JSON", () => {
    expect(message('{"a":banana}').json()).toBeUndefined();
    expect(message('{"a":nanx}').json()).toBeUndefined();
  });

  test("truncated JSON is no JSON", () => {
    expect(message('{"a":1').json()).toBeUndefined();
  });

  test("deep nesting is refused, closed or not", () => {
    expect(message("[".repeat(100_000)).json()).toBeUndefined();
    expect(message("[".repeat(100_000) + "]".repeat(100_000)).json()).toBeUndefined();
    expect(message(`${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`).json()).toBeUndefined();
  });

  test("brackets in a long string are not nesting", () => {
    const text = `${"[".repeat(2000)}\\"`;
    expect(message(JSON.stringify({ text })).json()).toEqual({ text });
  });

  test("an unclosed string full of quotes takes linear time", () => {
    const start = performance.now();
    expect(message(`nan"${'\\"'.repeat(120_000)}`).json()).toBeUndefined();
    expect(performance.now() - start).toBeLessThan(500);
  });

  test("a __proto__ key changes no prototype", () => {
    const value = message('{"__proto__":{"polluted":1}}').json() as object;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test("it is parsed once", () => {
    const once = message('{"a":1}');
    expect(once.json()).toBe(once.json());
  });
});

test("levels are the topic split at slashes, empty ones too", () => {
  expect(createMessage({ topic: "/a//b/", payload: Buffer.from("") }).levels).toEqual(["", "a", "", "b", ""]);
});
