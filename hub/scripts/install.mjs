/** Runs `npm ci` and makes sure that what it brought works on this machine. */
import { delimiter } from "node:path";
import { Problem, pinnedNode, runChild, say } from "./node.mjs";

const NPM_CI = [
  "ci",
  "--no-audit",
  "--no-fund",
  "--loglevel=warn", // kept, and shown only when something fails
  // No package needs its install script: the native ones carry their binaries.
  "--ignore-scripts",
  // NODE_ENV=production or an `omit` in ~/.npmrc would leave out the build tools and the pinned Node.
  "--include=dev",
  "--include=optional",
];

/** Running the pinned Node and loading the native packages is the only proof that the binaries fit this machine. */
const NATIVE_CHECKS = {
  "the pinned Node": "0",
  "better-sqlite3": `new (require("better-sqlite3"))(":memory:").prepare("SELECT 1").get()`,
  "classic-level": `require("classic-level")`,
};

export async function installPackages(root, lock) {
  await npmCi(root, lock);
  const node = pinnedNode(root);
  for (const [name, check] of Object.entries(NATIVE_CHECKS)) {
    await checkLoads({ root, node, name, check });
  }
}

async function npmCi(root, lock) {
  const patience = setInterval(() => say("Still installing… (a slow network is the usual cause)"), 60_000);
  const result = await runChild("npm", NPM_CI, {
    cwd: root,
    // `npm start` puts node_modules/.bin first, and npm must not run on the Node that it is about to remove.
    env: { ...process.env, PATH: withoutPackageBins(process.env.PATH ?? "") },
    stdio: ["ignore", "ignore", "pipe"],
    onStart: lock.alsoHeldBy,
  })
    .catch((error) => {
      throw error.code === "ENOENT" ? new Problem("npm is not on the PATH. It comes with Node: nodejs.org.") : error;
    })
    .finally(() => clearInterval(patience));
  // On a full disk npm unpacks half of a file, mentions it as a warning, and ends with 0.
  if (result.code !== 0 || result.stderr.includes("TAR_ENTRY_ERROR")) {
    throw new Problem(
      `${beginning(result.stderr)}\n\nThe packages could not be installed. ${adviceFor(result.stderr)}`,
    );
  }
}

/** npm names the trouble in the first of its errors, and ends with its whole usage. */
function beginning(npmOutput) {
  const lines = npmOutput.trim().split("\n");
  const errors = lines.filter((line) => line.startsWith("npm error"));
  return (errors.length > 0 ? errors : lines).slice(0, 12).join("\n");
}

async function checkLoads({ root, node, name, check }) {
  const result = await runChild(node, ["-e", check], { cwd: root, stdio: ["ignore", "ignore", "pipe"] });
  if (result.code === 0) return;
  const detail = result.stderr.trim() || `It ended with ${result.signal ?? result.code}.`;
  const system = `${process.platform} ${process.arch}`;
  throw new Problem(`${detail}\n\nInstalled, but ${name} does not work on this machine (${system}).`);
}

export function withoutPackageBins(path) {
  const isPackageBin = (folder) => /[\\/]node_modules[\\/]\.bin[\\/]?$/.test(folder);
  return path
    .split(delimiter)
    .filter((folder) => !isPackageBin(folder))
    .join(delimiter);
}

const ADVICE = [
  [/ENOSPC/, "The disk is full: free about 1 GB and start again."],
  [
    /EACCES|EPERM|EROFS/,
    "Some files here belong to another user, perhaps from a start with sudo: make them yours again.",
  ],
  [/EUSAGE|in sync/, "package.json and package-lock.json disagree: run `npm install`, then commit both."],
  [/EBADENGINE|Unsupported engine/, "This Node or npm is too old: install Node 20 or newer."],
  [
    /ENOTFOUND|EAI_AGAIN|ENETUNREACH|ECONN|ETIMEDOUT|EIDLETIMEOUT|ERR_SOCKET|network/i,
    "Check the internet connection, and the proxy if you use one, then start again.",
  ],
  [
    /E40[0-9]|E5[0-9]{2}|EINTEGRITY|CERT/,
    "The npm registry refused or sent something unexpected: check `npm config get registry`.",
  ],
];

/** A sentence on what the user can do, from what npm wrote before it failed. */
export function adviceFor(npmOutput) {
  const known = ADVICE.find(([pattern]) => pattern.test(npmOutput));
  return known?.[1] ?? "Check the internet connection and the disk, then start again.";
}
