/** Where the command line takes the passphrase from: a file, the environment, or a person at a terminal. */
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { notThere, weakPassphrase } from "./errors.ts";

/** The variable that may hold the passphrase. */
export const passphraseVariable = "FAIBAN_BACKUP_PASSPHRASE";

export interface PassphraseSources {
  /** Path of a file whose first line is the passphrase. */
  file: string | undefined;
  environment: Record<string, string | undefined>;
  /** Ask a second time, so that a slip of the finger does not close a backup for ever. */
  askTwice: boolean;
  signal: AbortSignal;
}

/** The passphrase, from the first source that has one. Throws HubError when there is none. */
export async function readPassphrase({ file, environment, askTwice, signal }: PassphraseSources): Promise<string> {
  if (file !== undefined) return await firstLine(file);
  const given = environment[passphraseVariable];
  if (given !== undefined) return given;
  if (!process.stdin.isTTY) {
    const hint = `Name a file that holds it with --passphrase-file, or set ${passphraseVariable}.`;
    throw weakPassphrase("There is no passphrase", hint);
  }
  const passphrase = await ask("Passphrase of the backup: ", signal);
  if (askTwice && (await ask("The same again: ", signal)) !== passphrase) {
    throw weakPassphrase("The two passphrases are not the same", "Start again.");
  }
  return passphrase;
}

async function firstLine(file: string): Promise<string> {
  const text = await readFile(file, "utf8").catch((cause) => {
    throw notThere(`readable file ${file}`, "Check --passphrase-file.", cause);
  });
  return text.replace(/^\uFEFF/, "").split(/\r?\n/, 1)[0] ?? "";
}

/** Asks at the terminal without showing what is typed. */
export async function ask(question: string, signal: AbortSignal): Promise<string> {
  process.stdout.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  lines.on("SIGINT", () => process.kill(process.pid, "SIGINT")); // the keyboard's: what it means is the command's affair
  const ended = new AbortController();
  lines.on("close", () => ended.abort()); // the end of the input answers nothing
  try {
    return await lines.question("", { signal: AbortSignal.any([signal, ended.signal]) });
  } catch (cause) {
    signal.throwIfAborted();
    throw weakPassphrase("Nothing was typed", "Start again.", cause);
  } finally {
    lines.close();
    process.stdout.write("\n");
  }
}
