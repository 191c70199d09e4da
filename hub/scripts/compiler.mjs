/** Finds the C++ compiler that the firmware's core is tested with, and installs Debian's when there is none. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { hasApt, installPackages } from "./debian.mjs";
import { Problem, say } from "./node.mjs";

const byHand = "Install g++ by hand.";

function findCompiler() {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.map((folder) => join(folder, "g++")).find(existsSync) ?? null;
}

export async function ensureCompiler() {
  if (findCompiler()) return;
  if (!hasApt()) throw new Problem(`No g++ found. ${byHand}`);
  say("Installing g++ for the tests of the firmware (Debian package, first time only)…");
  await installPackages(["g++", "libc6-dev"], { byHand });
  if (!findCompiler()) throw new Problem(`g++ was installed, but is not in the path. ${byHand}`);
}
