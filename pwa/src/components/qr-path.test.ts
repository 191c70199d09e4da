import { expect, test } from "vitest";
import { qrPath } from "./qr-path.ts";

test("a run of dark modules is one bar, up to the edge", () => {
  const rows = ["#.##", "....", ".###"].map((row) => [...row].map((module) => module === "#"));
  expect(qrPath(rows)).toBe("M0 0h1v1h-1zM2 0h2v1h-2zM1 2h3v1h-3z");
});
