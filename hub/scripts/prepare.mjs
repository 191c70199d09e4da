/**
 * Makes the project ready to run: packages installed and app built, each only when something changed.
 * Plain JavaScript without dependencies, because it runs before the packages exist, on whatever Node is there.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installPackages } from "./install.mjs";
import { withLock } from "./lock.mjs";
import { Problem, pinnedNode, runChild, say, stopwatch } from "./node.mjs";

export const projectRoot = join(fileURLToPath(new URL(".", import.meta.url)), "..", "..");

const DEPENDENCY_FIELDS = [
  "dependencies",
  "devDependencies",
  "optionalDependencies",
  "peerDependencies",
  "overrides",
  "workspaces",
];
const APP_FILES = ["package-lock.json", "tsconfig.json", "pwa/index.html", "pwa/vite.config.ts"];
const APP_FOLDERS = ["pwa/src", "pwa/public"];

/** Installs and, unless told not to, builds; resolves to the path of the Node that runs everything else. */
export async function prepare({ root = projectRoot, build = true } = {}) {
  if (Number.parseInt(process.versions.node, 10) < 20) {
    throw new Problem(`This is Node ${process.versions.node}. Faiban needs Node 20 or newer to start: nodejs.org.`);
  }
  await installWhenNeeded(root);
  const node = pinnedNode(root);
  if (build) await buildWhenNeeded(root, node);
  return node;
}

async function installWhenNeeded(root) {
  if (isInstalled(root)) return;
  await withLock(join(root, ".cache", "prepare.lock"), async (lock) => {
    if (isInstalled(root)) return; // another start has just done it
    const wanted = installFingerprint(root);
    const seconds = stopwatch();
    say("Installing packages (first start only, about a minute)…");
    rmSync(installStamp(root), { force: true });
    await installPackages(root, lock);
    writeFileSync(installStamp(root), wanted); // last, so that a half-finished install is done again
    say(`Packages installed in ${seconds()} s.`);
  });
}

async function buildWhenNeeded(root, node) {
  if (!existsSync(join(root, "pwa", "index.html")) || isBuilt(root)) return;
  await withLock(join(root, ".cache", "prepare.lock"), async (lock) => {
    if (isBuilt(root)) return;
    const wanted = buildFingerprint(root);
    const seconds = stopwatch();
    say("Building the app (only when it changed)…");
    rmSync(buildStamp(root), { force: true });
    const vite = join(root, "node_modules", "vite", "bin", "vite.js");
    const result = await runChild(node, [vite, "build", "--logLevel", "warn"], {
      cwd: join(root, "pwa"),
      onStart: lock.alsoHeldBy,
    });
    if (result.code !== 0) throw new Problem("The app could not be built: the lines above say why.");
    writeFileSync(buildStamp(root), wanted);
    say(`App built in ${seconds()} s.`);
  });
}

const installStamp = (root) => join(root, "node_modules", ".faiban-install");
const buildStamp = (root) => join(root, "pwa", "dist", ".faiban-build");

export function isInstalled(root) {
  return readStamp(installStamp(root)) === installFingerprint(root);
}

export function isBuilt(root) {
  return existsSync(join(root, "pwa", "dist", "index.html")) && readStamp(buildStamp(root)) === buildFingerprint(root);
}

function readStamp(file) {
  return existsSync(file) ? readFileSync(file, "utf8") : null;
}

/** What the packages depend on: the lock file, what each package.json asks for, and the kind of machine. */
export function installFingerprint(root) {
  const manifest = (folder) => JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
  const asks = (folder) => JSON.stringify(DEPENDENCY_FIELDS.map((field) => manifest(folder)[field] ?? null));
  const folders = [".", ...manifest(".").workspaces];
  return fingerprint([
    // A tree copied from a PC to a Pi carries binaries of the wrong kind.
    ["machine", `${process.platform} ${process.arch}`],
    ["package-lock.json", readFileSync(join(root, "package-lock.json"))],
    ...folders.map((folder) => [folder, asks(folder)]),
  ]);
}

/** What the built app depends on: its sources, and the packages it is made with. */
export function buildFingerprint(root) {
  const files = [...APP_FILES.filter((file) => existsSync(join(root, file))), ...APP_FOLDERS.flatMap(filesBelow)];
  return fingerprint(files.map((file) => [file, readFileSync(join(root, file))]));

  function filesBelow(folder) {
    if (!existsSync(join(root, folder))) return [];
    const entries = readdirSync(join(root, folder), { withFileTypes: true });
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    return entries.flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return filesBelow(path);
      return /\.test\.tsx?$/.test(entry.name) ? [] : [path];
    });
  }
}

function fingerprint(parts) {
  const hash = createHash("sha256");
  for (const [name, content] of parts) hash.update(`${name}\n${content.length}\n`).update(content);
  return hash.digest("hex");
}
