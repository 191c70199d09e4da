import { expect, test } from "vitest";
import { isDamage } from "./level.ts";

const failed = (code: string, message: string) => ({ cause: Object.assign(new Error(message), { code }) });

test.each([
  ["LEVEL_CORRUPTION", "Corruption: CURRENT file does not end with newline"],
  ["LEVEL_IO_ERROR", "IO error: /data/mqtt/MANIFEST-000002: No such file or directory"],
])("%s is damage: %s", (code, message) => {
  expect(isDamage(failed(code, message))).toBe(true);
});

test.each([
  ["LEVEL_IO_ERROR", "IO error: /data/mqtt/MANIFEST-000004: No space left on device"],
  ["LEVEL_IO_ERROR", "IO error: /data/mqtt/CURRENT: Permission denied"],
  ["LEVEL_IO_ERROR", "IO error: /srv/current/mqtt/LOCK: Read-only file system"],
  ["ENOTDIR", "ENOTDIR: not a directory, mkdir '/dev/null/mqtt'"],
])("%s is no damage, and the database stays where it is: %s", (code, message) => {
  expect(isDamage(failed(code, message))).toBe(false);
});
