/** From a passphrase to keys: Argon2id (RFC 9106), then HKDF (RFC 5869) for one key a purpose. */
import { argon2, hkdfSync, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { weakPassphrase } from "./errors.ts";

/** What a guess at the passphrase costs. */
export interface KdfParameters {
  memoryKib: number;
  passes: number;
  lanes: number;
}

/** RFC 9106 section 4, the second recommended option: made for machines with little memory. */
export const defaultKdf: KdfParameters = { memoryKib: 65_536, passes: 3, lanes: 4 };

/** Who has the archive may guess for years: NIST SP 800-63B's eight characters are for guesses that a server counts. */
export const shortestPassphrase = 12;

/** Keys of one archive: each archive has a salt of its own, so no key is ever used for two. */
export interface ArchiveKeys {
  payloadKey: Buffer;
  /** Tells a wrong passphrase from damage; the payload's key cannot be had from it. */
  keyCheck: Buffer;
}

/** The passphrase of a new archive is long enough. Throws HubError CONFIG_INVALID when it is not. */
export function checkNewPassphrase(passphrase: string): void {
  const length = [...normalized(passphrase).trim()].length;
  if (length >= shortestPassphrase) return;
  const message = length === 0 ? "The passphrase is empty" : `The passphrase has ${length} characters`;
  const hint = `Use ${shortestPassphrase} or more, such as four or five words, and keep it apart from the backups.`;
  throw weakPassphrase(message, hint);
}

/** Derives the keys, off the event loop; takes a tenth of a second to a few seconds with `defaultKdf`. */
export async function deriveKeys(passphrase: string, salt: Uint8Array, kdf: KdfParameters): Promise<ArchiveKeys> {
  const root = await promisify(argon2)("argon2id", {
    message: normalized(passphrase),
    nonce: salt,
    memory: kdf.memoryKib,
    passes: kdf.passes,
    parallelism: kdf.lanes,
    tagLength: 32,
  });
  const derive = (purpose: string) => Buffer.from(hkdfSync("sha256", root, "", `faiban-backup/1 ${purpose}`, 32));
  return { payloadKey: derive("payload"), keyCheck: derive("key check") };
}

/** Whether two key checks are the same, in a time that does not tell where they differ. */
export function isSameCheck(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Keyboards compose letters differently; RFC 8265 section 4.2 takes NFC for passwords. */
function normalized(passphrase: string): string {
  return passphrase.normalize("NFC");
}
