import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findAvahiPublish, publishWithAvahi } from "./avahi.ts";
import type { Published } from "./publication.ts";

const published: Published = {
  host: "faiban-3f9c",
  instance: "บ้าน 3f9c",
  services: [
    { type: "https", port: 8443 },
    { type: "mqtt", port: 1883 },
  ],
  addresses: [
    { interfaceName: "eth0", address: "192.168.1.5" },
    { interfaceName: "eth0", address: "fd12::5" },
  ],
};

/** A program in avahi-publish's place. */
function withProgram(script: string) {
  const folder = mkdtempSync(path.join(os.tmpdir(), "faiban-avahi-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const program = path.join(folder, "avahi-publish");
  const log = path.join(folder, "log");
  writeFileSync(program, `#!/bin/sh\nlog=${log}\n${script}`);
  chmodSync(program, 0o755);
  const happened: string[] = [];
  const publication = publishWithAvahi(program, published, {
    onConflict: () => happened.push("conflict"),
    onFailed: ({ message }) => happened.push(message),
  });
  const lines = () => (existsSync(log) ? readFileSync(log, "utf8").trim().split("\n").sort() : []);
  return { ...publication, folder, program, happened, lines };
}

/** Writes what it was called with, and at its end that it ended. */
const patient = `trap 'echo ended >> $log; kill $!; exit 0' TERM; sleep 30 & echo "$*" >> $log; wait $!\n`;

test("each address and each service is published by a process of its own, until closed", async () => {
  const { close, lines, happened } = withProgram(patient);
  await expect
    .poll(lines)
    .toEqual([
      "-a -R faiban-3f9c.local 192.168.1.5",
      "-a -R faiban-3f9c.local fd12::5",
      "-s -H faiban-3f9c.local บ้าน 3f9c _https._tcp 8443",
      "-s -H faiban-3f9c.local บ้าน 3f9c _mqtt._tcp 1883",
    ]);
  await close();
  expect(lines().filter((line) => line === "ended")).toHaveLength(4);
  expect(happened).toEqual([]);
});

test("a name that another machine has is told once, and what was published is taken back", async () => {
  const { happened, lines, close } = withProgram(
    `case "$*" in *192*)
       until [ "$(grep -c . $log)" = 3 ]; do sleep 0.05; done
       echo 'Host name conflict' >&2; exit 0;;
     esac
     ${patient}`,
  );
  await expect.poll(() => happened, { timeout: 10_000 }).toEqual(["conflict"]);
  await close();
  expect(lines().filter((line) => line === "ended")).toHaveLength(3);
});

test("a daemon that ends is told once, with what was said last", async () => {
  const { happened, close } = withProgram("echo 'Client failure, exiting: Daemon connection failed' >&2; exit 1\n");
  await expect.poll(() => happened).toEqual([expect.stringContaining("Daemon connection failed")]);
  await close();
  expect(happened).toHaveLength(1);
});

test("a service that avahi renamed itself is no conflict", async () => {
  const script = `echo "Name collision, picking new name 'x #2'." >&2; echo 'Daemon connection failed' >&2; exit 1\n`;
  const { happened } = withProgram(script);
  await expect.poll(() => happened).toEqual([expect.stringContaining("Daemon connection failed")]);
});

test("the program is found where it is, and a missing one is none", async () => {
  const { folder, program, close, lines } = withProgram(patient);
  await expect.poll(lines).toHaveLength(4);
  expect(findAvahiPublish(`/nonexistent:${folder}`)).toBe(program);
  expect(findAvahiPublish("/nonexistent")).toBeNull();
  await close();
});
