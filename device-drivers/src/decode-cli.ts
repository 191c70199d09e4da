/** Shows how messages are decoded: JSON lines of `topic` and `payload`, from the files named or from standard input. */
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { createDefinitions, decode } from "./index.ts";
import { messageOf, parseSample } from "./samples.ts";

/** What lines before defined about the topics of those that follow. */
const definitions = createDefinitions();

const files = process.argv.slice(2);
for (const file of files.length > 0 ? files : [undefined]) {
  try {
    await showAll(file === undefined ? process.stdin : createReadStream(file));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}

async function showAll(source: Readable): Promise<void> {
  // The iterator of readline hides an error of its source, so wait for it beside.
  const failed = new Promise<never>((_, reject) => source.once("error", reject));
  const lines = createInterface({ input: source, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]();
  for (;;) {
    const next = await Promise.race([lines.next(), failed]);
    if (next.done) return;
    if (next.value.trim() === "") continue;
    for (const answer of describe(next.value)) process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
}

/** What one line says: an answer for each meter in it, or one that says why there is none. */
function describe(line: string): object[] {
  try {
    const sample = parseSample(line);
    const { topic } = sample;
    const result = decode(messageOf(sample, definitions.known));
    if (!result) return [{ topic, unknown: "no driver knows this topic" }];
    const { dialect, decoded } = result;
    if ("defines" in decoded && decoded.defines) definitions.learn(dialect, decoded.defines);
    return "meters" in decoded
      ? decoded.meters.map((meter) => ({ topic, dialect, ...meter }))
      : [{ topic, dialect, ...decoded }];
  } catch (error) {
    return [{ error: (error as Error).message, line: line.slice(0, 200) }];
  }
}
