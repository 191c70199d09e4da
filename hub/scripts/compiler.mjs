/** Finds the C++ compiler that the firmware's core is tested with, and installs Debian's when there is none. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { asRoot } from "./debian.mjs";
import { Problem, say } from "./node.mjs";

const byHand = "Install g++ by hand.";

function findCompiler() {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.map((folder) => join(folder, "g++")).find(existsSync) ?? null;
}

export async function ensureCompiler() {
  if (findCompiler()) return;
  if (!existsSync("/usr/bin/apt-get")) throw new Problem(`No g++ found. ${byHand}`);
  say("Installing g++ for the tests of the firmware (Debian package, first time only)…");
  await asRoot(byHand, "apt-get", "--quiet", "--quiet", "update");
  await asRoot(
    byHand,
    "apt-get",
    "--quiet",
    "--quiet",
    "install",
    "--yes",
    "--no-install-recommends",
    "g++",
    "libc6-dev",
  );
  if (!findCompiler()) throw new Problem(`g++ was installed, but is not in the path. ${byHand}`);
}
