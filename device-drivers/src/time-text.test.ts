import { Buffer } from "node:buffer";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readTime } from "./time.ts";
import { createTimeTextReader } from "./time-text.ts";

/** Room after the text as in a real message, where the short way needs to look no further than the payload's end. */
const padding = " ".repeat(30);

function readWith(reader: ReturnType<typeof createTimeTextReader>, text: string): number | undefined {
  const bytes = Buffer.from(`:"${text}"${padding}`);
  const into = { timeMs: 0 };
  const end = reader(bytes, 1, into);
  if (end === -1) return undefined;
  expect(end).toBe(bytes.length - padding.length);
  return into.timeMs;
}

/** What `readTime` says: NaN for a wall clock's time, undefined when it is no time. */
function expectedOf(text: string): number | undefined {
  const time = readTime(text);
  if (!time || "why" in time) return undefined;
  return "timeMs" in time ? time.timeMs : Number.NaN;
}

/** Mostly what is in the first place, so that the days of several times are the same and most of them are right. */
function mostly<T>(usual: fc.Arbitrary<T>, unusual: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ weight: 9, arbitrary: usual }, { weight: 1, arbitrary: unusual });
}

function twoDigits(most: number): fc.Arbitrary<string> {
  const usual = fc.integer({ min: 0, max: most }).map((value) => String(value).padStart(2, "0"));
  return mostly(usual, fc.constantFrom(String(most), String(most + 1), "99", "1x", "x1", "1:", "7"));
}

const date = mostly(
  fc.constant("2026-02-06"),
  fc.oneof(
    fc.constantFrom("2026-02-07", "2024-02-29", "2026-02-29", "2026-02-30", "2026-13-01", "0000-00-00", "1969-12-31"),
    fc
      .date({ noInvalidDate: true, min: new Date(0), max: new Date("2099-12-31") })
      .map((day) => day.toISOString().slice(0, 10)),
  ),
);
const separator = mostly(fc.constant("T"), fc.constantFrom(" ", "t", "x"));
const colon = mostly(fc.constant(":"), fc.constantFrom(".", ""));
const fraction = mostly(
  fc.constantFrom("", ".000", ".123", ".999"),
  fc.constantFrom(".9", ".1234567", ",567", ".", ".12x", "x123"),
);
const zone = mostly(
  fc.constantFrom("Z", ""),
  fc.constantFrom("z", "A", "+07:00", "-0330", "+07", " Z", "ZZ", "+7", "+25:00"),
);
const isoLike = fc
  .tuple(date, separator, twoDigits(23), colon, twoDigits(59), colon, twoDigits(59), fraction, zone)
  .map((parts) => parts.join(""));
const otherText = fc.oneof(
  fc.constantFrom(
    "",
    "1707234567",
    "1707234567890",
    "1",
    "yesterday",
    "2026-02-06",
    "2026-02-06T14:30Z",
    " 2026-02-06T14:30:00Z ",
  ),
  fc.string({ unit: fc.constantFrom(..."0123456789-:TZ.+ "), maxLength: 30 }),
);

test("texts are read as readTime reads them, whatever was read before", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof({ weight: 4, arbitrary: isoLike }, otherText), { maxLength: 12 }), (texts) => {
      const reader = createTimeTextReader();
      expect(texts.map((text) => readWith(reader, text))).toEqual(texts.map(expectedOf));
    }),
    { numRuns: 3000 },
  );
});

test("a text that is not plain ASCII, not closed or not there is no time", () => {
  const reader = createTimeTextReader();
  const time = "2026-02-06T14:30:00Z";
  for (const text of [
    "",
    "1",
    `"${time}`,
    `"${time}\u0000"`,
    `"${time}\n"`,
    `"${time}\u00a0"`,
    `"${time}\\n"`,
    `"${"\u0000".repeat(10)}T14:30:00Z"`,
  ]) {
    expect(reader(Buffer.from(text, "latin1"), 0, { timeMs: 0 })).toBe(-1);
    expect(reader(Buffer.from(text + padding, "latin1"), 0, { timeMs: 0 })).toBe(-1);
    expect(readWith(reader, time)).toBe(Date.UTC(2026, 1, 6, 14, 30));
  }
});
