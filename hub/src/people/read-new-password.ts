/** A new password from a terminal, typed twice, or from the first line of what another program pipes in. */
import { text } from "node:stream/consumers";
import type { ReadStream } from "node:tty";
import { ask } from "../backup/passphrase.ts";
import { HubError } from "../errors.ts";

const shortest = 8;
const longest = 256;

/** Throws HubError CONFIG_INVALID when it is too short or was mistyped. */
export async function readNewPassword(input: ReadStream, signal: AbortSignal): Promise<string> {
  const password = input.isTTY ? await askTwice(signal) : ((await text(input)).split(/\r?\n/, 1)[0] ?? "");
  const length = [...password].length;
  if (length >= shortest && length <= longest) return password;
  throw wrong(`The password has ${length} characters`, `Choose one of ${shortest} to ${longest}.`);
}

async function askTwice(signal: AbortSignal): Promise<string> {
  const password = await ask("New password: ", signal);
  if ((await ask("The same again: ", signal)) === password) return password;
  throw wrong("The two passwords are not the same", "Start again.");
}

function wrong(message: string, hint: string): HubError {
  return new HubError("CONFIG_INVALID", message, hint);
}
