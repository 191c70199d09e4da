/**
 * The one gate: `npm test` installs and builds what is missing, then checks format, types and behaviour.
 * Extra arguments go to vitest: `npm test -- hub/src/store`.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureChromium } from "./chromium.mjs";
import { ensureCompiler } from "./compiler.mjs";
import { ensureNginx } from "./nginx.mjs";
import { endLike, runChild, runMain, say, stopwatch } from "./node.mjs";
import { prepare, projectRoot } from "./prepare.mjs";

await runMain(async (args) => {
  const seconds = stopwatch();
  const scratch = mkdtempSync(join(tmpdir(), "faiban-test-"));
  try {
    const node = await prepare();
    await ensureChromium();
    await ensureNginx();
    await ensureCompiler();
    const results = join(scratch, "vitest.json");
    const failed =
      (await check(node, "Format and lint", "@biomejs/biome/bin/biome", biomeArgs())) ??
      (await check(node, "Types", "typescript/bin/tsc", ["--noEmit", "-p", "."])) ??
      (await check(node, "Tests", "vitest/vitest.mjs", [...vitestArgs(results), ...args]));
    say(`\n${failed ? "Stopped" : "All checks passed"} after ${seconds()} s.`);
    const counts = countsIn(results);
    if (counts) process.stdout.write(`${counts}\n`);
    if (failed) endLike(failed);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
});

/** Runs one tool of node_modules; resolves to null when it is content, else to how it ended. */
async function check(node, title, tool, args) {
  say(`\n${title}…`);
  const result = await runChild(node, [join(projectRoot, "node_modules", tool), ...args], { cwd: projectRoot });
  return result.code === 0 ? null : result;
}

function biomeArgs() {
  return ["check", ".", ...(process.stdout.isTTY ? [] : ["--colors=off"])]; // it colours the logs of build servers
}

function vitestArgs(resultFile) {
  return ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${resultFile}`];
}

/** "N passed, N failed": the plain line that build servers look for; null when no test ran. */
function countsIn(resultFile) {
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(resultFile, "utf8"));
    return `${numPassedTests} passed, ${numFailedTests} failed`;
  } catch {
    return null; // an earlier check stopped us before vitest wrote its result
  }
}
