import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { drivers } from "./index.ts";
import { supportedTable } from "./supported.ts";

test("the table in the README is what the drivers say of themselves", () => {
  const readme = readFileSync(path.join(import.meta.dirname, "../README.md"), "utf8");
  expect(readme, "put in the output of: node device-drivers/src/supported.ts").toContain(supportedTable(drivers));
});

test("every driver says what it serves, reads, switches, and how to connect it", () => {
  const silent = drivers.filter(({ devices, reads, switches, connect }) => !devices || !reads || !switches || !connect);
  expect(silent.map(({ dialect }) => dialect)).toEqual([]);
});
