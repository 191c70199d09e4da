/**
 * Starts a program of Faiban on a fresh machine: `node hub/scripts/run.mjs [--no-build] program.ts [arguments]`.
 * Installs the packages and builds the app when something changed, then runs the program with the pinned Node.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { endLike, Problem, runChild, runMain } from "./node.mjs";
import { prepare, projectRoot } from "./prepare.mjs";

await runMain(async (args) => {
  const noBuild = args[0] === "--no-build";
  const [program, ...programArgs] = noBuild ? args.slice(1) : args;
  if (!program) throw new Problem("Usage: node hub/scripts/run.mjs [--no-build] program.ts [arguments]");

  const node = await prepare({ build: !noBuild });
  const inProject = join(projectRoot, program);
  const result = await runChild(node, [existsSync(inProject) ? inProject : program, ...programArgs], {
    env: { NODE_COMPILE_CACHE: join(projectRoot, "node_modules", ".cache", "node-compile"), ...process.env },
    ownsSignals: true,
  });
  endLike(result);
});
