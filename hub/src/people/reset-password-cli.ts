/** The command `npm run reset-password`: a new password for whoever forgot theirs, at the hub itself. */
import { existsSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { hubSettings, runCommand } from "../backup/command-line.ts";
import { HubError } from "../errors.ts";
import { openDatabase } from "../store/database.ts";
import { peopleTables } from "../store/people.ts";
import { findByName } from "./names.ts";
import { hashPassword } from "./passwords.ts";
import { readNewPassword } from "./read-new-password.ts";

const usage = `Sets a person's password, and signs them out everywhere; the hub may be running.

  npm run reset-password -- NAME [--data FOLDER] [--config FILE]

Without a name it lists the people of the home.`;

await runCommand(async (signal) => {
  const { values, positionals } = parseArgs({
    options: {
      data: { type: "string" },
      config: { type: "string" },
      help: { type: "boolean", default: false },
    },
    allowPositionals: true,
  });
  if (values.help) return console.log(usage);
  const { data, homeId } = hubSettings(values);
  const file = path.join(data, "faiban.db");
  if (!existsSync(file)) {
    throw new HubError("NOT_FOUND", `There is no ${file}`, "Name the hub's data folder with --data.");
  }
  const db = openDatabase(file);
  try {
    const people = peopleTables(db, homeId);
    const [name] = positionals;
    if (name === undefined) {
      for (const person of people.people()) console.log(`${person.name} (${person.role})`);
      return;
    }
    const person = findByName(people.people(), name);
    if (!person) {
      throw new HubError("NOT_FOUND", `Nobody is called "${name}" here`, "Without a name the command lists everybody.");
    }
    const passwordHash = await hashPassword(await readNewPassword(process.stdin, signal));
    people.atOnce(() => {
      people.savePerson({ ...person, passwordHash });
      for (const { id } of people.sessionsOf(person.id)) people.removeSession(id);
    });
    console.log(`${person.name} has a new password and is signed out everywhere.`);
  } finally {
    db.close();
  }
});
