import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createSynchronization, type Synchronization } from "./synchronization.ts";

let folder: string;
let synchronization: Synchronization;
let monotonicMs: number;
let wallMs: number;
/** What `timedatectl show` prints; null when there is no such command. */
let shown: string | null;
let askedCount: number;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "synchronization-"));
  shown = null;
  askedCount = 0;
  synchronization = createSynchronization({
    systemdFolder: folder,
    async timedatectl() {
      askedCount++;
      if (shown === null) throw new Error("spawn timedatectl ENOENT");
      return shown;
    },
  });
  monotonicMs = 5_000;
  wallMs = Date.UTC(2027, 4, 1);
});

afterEach(() => {
  synchronization.close();
  rmSync(folder, { recursive: true });
});

const look = () => synchronization.isSynchronized(wallMs, monotonicMs);

function pass(durationMs: number): void {
  wallMs += durationMs;
  monotonicMs += durationMs;
}

/** What systemd-timesyncd does at a synchronization. */
function touchMark(timeMs: number): void {
  mkdirSync(path.join(folder, "timesync"), { recursive: true });
  const mark = path.join(folder, "timesync/synchronized");
  writeFileSync(mark, "");
  utimesSync(mark, timeMs / 1000, timeMs / 1000);
}

/** A system booted with systemd that runs another client than systemd-timesyncd. */
function boot(output: string | null): void {
  mkdirSync(path.join(folder, "system"));
  shown = output;
}

/** Looks, and looks again once what was asked has been answered. */
async function lookTwice(): Promise<boolean | null> {
  look();
  await new Promise((resolve) => setImmediate(resolve));
  return look();
}

test("a system without systemd cannot say", async () => {
  await synchronization.start(monotonicMs);
  expect(look()).toBe(null);
});

test("systemd-timesyncd without its mark has not synchronized yet", async () => {
  mkdirSync(path.join(folder, "timesync"));
  await synchronization.start(monotonicMs);
  expect(look()).toBe(false);
  touchMark(wallMs);
  expect(look()).toBe(true);
});

test("a mark from before the hub started counts", () => {
  touchMark(wallMs - 3_600_000);
  expect(look()).toBe(true);
  pass(3_600_000);
  expect(look()).toBe(true);
});

test("a clock that was set by hand after its synchronization is not confirmed until the next one", () => {
  touchMark(wallMs);
  expect(look()).toBe(true);
  wallMs += 3_600_000;
  expect(look()).toBe(false);
  pass(1000);
  expect(look()).toBe(false);
  wallMs -= 3_600_000;
  touchMark(wallMs);
  expect(look()).toBe(true);
});

test("a clock that NTP set between two looks is confirmed", () => {
  mkdirSync(path.join(folder, "timesync"));
  expect(look()).toBe(false);
  wallMs += 3_600_000;
  touchMark(wallMs);
  expect(look()).toBe(true);
});

test("a mark that went with its service confirms nothing", () => {
  touchMark(wallMs);
  expect(look()).toBe(true);
  rmSync(path.join(folder, "timesync"), { recursive: true });
  mkdirSync(path.join(folder, "timesync"));
  expect(look()).toBe(false);
});

test.each([
  ["NTP=yes\nNTPSynchronized=yes\n", true],
  ["NTP=yes\nNTPSynchronized=no\n", false],
  ["NTP=no\nNTPSynchronized=no\n", null],
  ["NTP=no\nNTPSynchronized=yes\n", true],
  ["Timezone=Asia/Bangkok\nCanNTP=yes\nNTP=yes\nNTPSynchronized=no\nTimeUSec=Sat 2027-05-01\n", false],
  ["nothing that is known\n", null],
  [null, null],
])("with another client timedatectl is asked before the first look: %j", async (output, expected) => {
  boot(output);
  await synchronization.start(monotonicMs);
  expect(look()).toBe(expected);
  expect(askedCount).toBe(1);
});

test("a system that has not answered yet is not taken for one that cannot say", () => {
  boot("NTP=no\nNTPSynchronized=no\n");
  expect(look()).toBe(false);
});

test("a later synchronization is learned", async () => {
  boot("NTP=yes\nNTPSynchronized=no\n");
  expect(await lookTwice()).toBe(false);
  shown = "NTP=yes\nNTPSynchronized=yes\n";
  pass(1000);
  expect(await lookTwice()).toBe(false); // not asked again so soon
  pass(15_000);
  expect(await lookTwice()).toBe(true);
});

test("after the clock was set the old answer is void, and a new one is asked for", async () => {
  boot("NTP=yes\nNTPSynchronized=yes\n");
  expect(await lookTwice()).toBe(true);
  wallMs += 3_600_000;
  shown = "NTP=yes\nNTPSynchronized=no\n";
  expect(look()).toBe(false);
  expect(await lookTwice()).toBe(false);
  expect(askedCount).toBe(2);
});

test("an answer that was on its way while the clock was set is void", async () => {
  boot("NTP=yes\nNTPSynchronized=yes\n");
  look();
  wallMs += 3_600_000;
  expect(await lookTwice()).toBe(false);
});

test("after the clock was set the system is asked often again", async () => {
  boot("NTP=yes\nNTPSynchronized=no\n");
  for (let i = 0; i < 3600; i++) {
    await lookTwice();
    pass(1000);
  }
  wallMs += 3_600_000;
  await lookTwice();
  shown = "NTP=yes\nNTPSynchronized=yes\n";
  pass(15_000);
  expect(await lookTwice()).toBe(true);
});

test("a hub that never synchronizes asks some dozen times in an hour", async () => {
  boot("NTP=yes\nNTPSynchronized=no\n");
  for (let i = 0; i < 3600; i++) {
    await lookTwice();
    pass(1000);
  }
  expect(askedCount).toBeGreaterThan(10);
  expect(askedCount).toBeLessThan(20);
});
