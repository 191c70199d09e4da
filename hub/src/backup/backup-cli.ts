/** The command `npm run backup`. */
import { stat } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { version } from "../version.ts";
import { hubSettings, runCommand, shownMeters, shownTime, stamp, terminalProgress, typedPath } from "./command-line.ts";
import { megabytes } from "./errors.ts";
import { passphraseVariable, readPassphrase } from "./passphrase.ts";
import { writeBackup } from "./write-backup.ts";

const usage = `Backs up the hub's database into one encrypted file; the hub may be running.

  npm run backup -- [--to FILE or FOLDER] [--data FOLDER] [--passphrase-file FILE]

  --to               The file to write, or a folder for faiban-<date>-<time>.backup (default: this folder)
  --data             The hub's data folder (FAIBAN_DATA, default data)
  --config           The hub's settings file (FAIBAN_CONFIG)
  --passphrase-file  File whose first line is the passphrase; else ${passphraseVariable}, else you are asked

Without the passphrase nobody can read a backup, you neither. Keep both, in different places.`;

await runCommand(async (signal) => {
  const { values } = parseArgs({
    options: {
      to: { type: "string", default: "." },
      data: { type: "string" },
      config: { type: "string" },
      "passphrase-file": { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(usage);
  const { data, timeZone } = hubSettings(values);
  const createdMs = Date.now();
  const target = await targetFile(typedPath(values.to), `faiban-${stamp(createdMs, timeZone)}.backup`);
  const passphraseFile = values["passphrase-file"];
  const { header, bytes } = await writeBackup({
    database: path.join(data, "faiban.db"),
    target,
    passphrase: await readPassphrase({
      file: passphraseFile === undefined ? undefined : typedPath(passphraseFile),
      environment: process.env,
      askTwice: true,
      signal,
    }),
    masterKey: process.env.FAIBAN_MASTER_KEY,
    hubVersion: version,
    createdMs,
    signal,
    onProgress: terminalProgress(),
  });
  console.log(`Backed up ${shownMeters(header.meters)} as of ${shownTime(createdMs, timeZone)}, ${megabytes(bytes)}:`);
  console.log(target);
});

async function targetFile(to: string, defaultName: string): Promise<string> {
  const found = await stat(to).catch(() => null);
  return found?.isDirectory() ? path.join(to, defaultName) : to;
}
