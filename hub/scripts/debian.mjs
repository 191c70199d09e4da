/** Installing Debian packages that tests need. */
import { Problem, runChild } from "./node.mjs";

/** Runs a command as root, by sudo when it must; `byHand` tells people what to do when that is not possible. */
export async function asRoot(byHand, ...command) {
  const sudo = process.getuid() === 0 ? [] : ["sudo", ...(process.stdin.isTTY ? [] : ["--non-interactive"])];
  const [file, ...args] = [...sudo, "env", "DEBIAN_FRONTEND=noninteractive", ...command];
  // apt lists every package that it unpacks; only what it says when it fails matters.
  const result = await runChild(file, args, { stdio: ["inherit", "ignore", "pipe"] }).catch((error) => {
    throw error.code === "ENOENT" ? new Problem(`${file} is not here. ${byHand}`) : error;
  });
  if (result.code !== 0) throw new Problem(`${result.stderr.trim()}\n\n\`${command.join(" ")}\` failed. ${byHand}`);
}
