/** Passwords of people: Argon2id (RFC 9106), kept as PHC strings. */
import { argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { HubError } from "../errors.ts";

/** OWASP's Password Storage Cheat Sheet, first of its equivalent Argon2id settings: 19 MiB suit a machine with little memory. */
const cost = { memory: 19_456, passes: 2, parallelism: 1 };
const saltBytes = 16;
const hashBytes = 32;
/** Each takes 19 MiB while it runs; more at once is somebody guessing. */
const mostWaiting = 20;

let queue: Promise<unknown> = Promise.resolve();
let waiting = 0;

/** The PHC string of a new password. Rejects with HubError TOO_MANY_ATTEMPTS when too many are being hashed. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes);
  const hash = await inTurn(() => derive(password, salt, cost));
  const { memory, passes, parallelism } = cost;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(hash)}`;
}

/** Whether a password is the one of a PHC string. Rejects with HubError TOO_MANY_ATTEMPTS. */
export async function isPassword(password: string, phc: string): Promise<boolean> {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([^$]+)\$([^$]+)$/.exec(phc);
  if (!match) return false;
  const [, memory, passes, parallelism, salt = "", hash = ""] = match;
  const used = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
  const expected = Buffer.from(hash, "base64");
  const found = await inTurn(() => derive(password, Buffer.from(salt, "base64"), used));
  return found.length === expected.length && timingSafeEqual(found, expected);
}

/** Takes as long as checking a password: whether a name is known must not be told by the time of the answer. */
export async function isNobodysPassword(password: string): Promise<false> {
  await inTurn(() => derive(password, randomBytes(saltBytes), cost));
  return false;
}

/** Keyboards compose letters differently; RFC 8265 section 4.2 takes NFC for passwords. */
function derive(password: string, salt: Uint8Array, used: typeof cost): Promise<Buffer> {
  return promisify(argon2)("argon2id", {
    message: password.normalize("NFC"),
    nonce: salt,
    ...used,
    tagLength: hashBytes,
  });
}

/** One at a time, in order: a small machine has neither the memory nor the cores for more. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (waiting >= mostWaiting) {
    throw new HubError("TOO_MANY_ATTEMPTS", "Too many people sign in at once", "Try again in a few seconds.");
  }
  waiting++;
  const result = queue.then(work).finally(() => waiting--);
  queue = result.catch(() => {});
  return result;
}

function unpadded(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64").replace(/=+$/, "");
}
