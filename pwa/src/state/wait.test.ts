import { expect, test } from "vitest";
import { waitS } from "./wait.ts";

test.each([
  ["30", "", 30],
  [null, "Wait 45 seconds.", 45],
  [null, "Try again in 2 minutes.", 120],
  [null, "Wait 8 s, then try again", 8],
  ["12", "Wait 45 seconds.", 12],
  ["Wed, 21 Oct 2026 07:28:00 GMT", "Later.", null],
  [null, "Check the 3 words you typed.", null],
])("the header %s and the hint %s ask for %s seconds", (header, hint, seconds) => {
  expect(waitS(header, hint)).toBe(seconds);
});
