/**
 * Starts a program of Faiban on a fresh machine: `node hub/scripts/run.mjs [--no-build] program.ts [arguments]`.
 * Installs the packages and builds the app when something changed, then runs the program with the pinned Node.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { endLike, memoryFlags, Problem, runChild, runMain } from "./node.mjs";
import { prepare, projectRoot } from "./prepare.mjs";

const compileCache = join(projectRoot, "node_modules", ".cache", "node-compile");

await runMain(async (args) => {
  const noBuild = args[0] === "--no-build";
  const [program, ...programArgs] = noBuild ? args.slice(1) : args;
  if (!program) throw new Problem("Usage: node hub/scripts/run.mjs [--no-build] program.ts [arguments]");

  const node = await prepare({ build: !noBuild });
  const inProject = join(projectRoot, program);
  const file = existsSync(inProject) ? inProject : program;
  const env = { NODE_COMPILE_CACHE: compileCache, ...process.env };
  // Translating TypeScript takes 30 MB that are never given back: a first run that only says its help does it.
  if (!noBuild && !existsSync(compileCache)) await runChild(node, [file, "--help"], { env, stdio: "ignore" });
  const result = await runChild(node, [...memoryFlags, file, ...programArgs], { env, ownsSignals: true });
  endLike(result);
});
