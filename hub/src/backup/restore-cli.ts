/** The command `npm run restore`. */
import path from "node:path";
import { parseArgs } from "node:util";
import { openLevel } from "../broker/level.ts";
import { HubError } from "../errors.ts";
import { createLog } from "../log.ts";
import {
  hubSettings,
  newestSchemaVersion,
  runCommand,
  shownMeters,
  shownTime,
  stamp,
  terminalProgress,
  typedPath,
} from "./command-line.ts";
import { megabytes } from "./errors.ts";
import type { ArchiveHeader } from "./header.ts";
import { passphraseVariable, readPassphrase } from "./passphrase.ts";
import { readBackup } from "./read-backup.ts";
import { restoreBackup } from "./restore-backup.ts";

const usage = `Restores a backup into the data folder of a hub that is stopped, or checks one.

  npm run restore -- FILE [--data FOLDER] [--replace] [--passphrase-file FILE]
  npm run restore -- FILE --check [--passphrase-file FILE]

  --check            Read all of the backup, and change nothing
  --data             The hub's data folder (FAIBAN_DATA, default data)
  --replace          Set aside a database that is there, as faiban.db.before-restore-<date>-<time>
  --config           The hub's settings file (FAIBAN_CONFIG)
  --passphrase-file  File whose first line is the passphrase; else ${passphraseVariable}, else you are asked

What the broker remembers is not in a backup: devices say their states again when they connect.`;

await runCommand(async (signal) => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      check: { type: "boolean", default: false },
      replace: { type: "boolean", default: false },
      data: { type: "string" },
      config: { type: "string" },
      "passphrase-file": { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(usage);
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) {
    throw new HubError("CONFIG_INVALID", "One backup must be named", "Run with --help to see how.");
  }
  const { data, timeZone } = hubSettings(values);
  const passphraseFile = values["passphrase-file"];
  const options = {
    archive: typedPath(file),
    passphrase: await readPassphrase({
      file: passphraseFile === undefined ? undefined : typedPath(passphraseFile),
      environment: process.env,
      askTwice: false,
      signal,
    }),
    schemaVersion: newestSchemaVersion(),
    signal,
    onProgress: terminalProgress(),
  };
  if (values.check) {
    const { header, archiveBytes } = await readBackup({ ...options, to: null });
    return describe(header, archiveBytes, timeZone);
  }
  const { header, setAside } = await restoreBackup({
    ...options,
    folder: data,
    replace: values.replace,
    asideStamp: stamp(Date.now(), timeZone),
    lockFolder,
  });
  if (setAside !== null) console.log(`The old database is now ${setAside}`);
  console.log(`Restored ${shownMeters(header.meters)} as of ${shownTime(header.createdMs, timeZone)} into:`);
  console.log(path.join(data, "faiban.db"));
});

/** A hub holds the lock of its broker's database as long as it runs, and none starts while we hold it. */
async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const level = await openLevel(folder, createLog("warn"));
  return () => level.close();
}

function describe(header: ArchiveHeader, archiveBytes: number, timeZone: string): void {
  console.log(`Created         ${shownTime(header.createdMs, timeZone)} (${timeZone})`);
  console.log(`Hub version     ${header.hubVersion}`);
  console.log(`Schema version  ${header.schemaVersion}`);
  console.log(`Size            ${megabytes(archiveBytes)}, ${megabytes(header.databaseBytes)} restored`);
  console.log(`Meters          ${header.meters}`);
  console.log("The archive is whole.");
}
