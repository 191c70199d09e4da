/** A certificate and key of the user's own, in files that another program may renew. */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { createSecureContext } from "node:tls";
import type { Log } from "../log.ts";
import { certificateError, shown } from "./errors.ts";
import { type CertificateClock, dayMs, isCurrent } from "./validity.ts";
import type { KeyAndChain } from "./x509.ts";

export interface CertificateFiles {
  /** The certificate and those that vouch for it, PEM, in this order. */
  certFile: string;
  /** The private key, PEM, not encrypted. */
  keyFile: string;
}

export interface OwnCertificate {
  /** The newest pair that was good; null while there was none. */
  current(): KeyAndChain | null;
  /** Why the files as they are now cannot be used; null when they can. */
  problem(): string | null;
  /** Reads the files again when they changed; true when there is a new pair. */
  check(): boolean;
}

/** A chain has two or three certificates. */
const mostBytes = 262_144;
const warnBeforeMs = 14 * dayMs;

/** Watches the files. A bad pair is told once in the log, and the last good one stays. */
export function openOwnCertificate(files: CertificateFiles, clock: CertificateClock, log: Log): OwnCertificate {
  let pair: KeyAndChain | null = null;
  let problem: string | null = null;
  let seen = "";
  let isEndTold = false;

  function tell(text: string): void {
    if (text !== problem) log.error(pair === null ? text : `${text} The certificate from before stays in use.`);
    problem = text;
  }

  function check(): boolean {
    const marks = `${markOf(files.certFile)} ${markOf(files.keyFile)} ${clock.isTimeKnown()}`;
    if (marks === seen) {
      warnOfEnd();
      return false;
    }
    seen = marks;
    try {
      const read = readCertificateFiles(files, clock);
      problem = null;
      if (read.cert === pair?.cert && read.key === pair.key) return false;
      pair = read;
      isEndTold = false;
      return true;
    } catch (error) {
      tell(shown(error));
      return false;
    }
  }

  function warnOfEnd(): void {
    if (pair === null || isEndTold || !clock.isTimeKnown()) return;
    const endMs = new X509Certificate(pair.cert).validToDate.getTime();
    if (clock.nowMs() < endMs - warnBeforeMs) return;
    isEndTold = true;
    log.warn(`The certificate in ${files.certFile} ends on ${new Date(endMs).toISOString().slice(0, 10)}. Renew it.`);
  }

  check();
  return { current: () => pair, problem: () => problem, check };
}

/** What tells that a file was written: a replaced file has another inode, a rewritten one another time. */
function markOf(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat ? `${stat.ino}:${stat.mtimeMs}:${stat.size}` : "none";
}

/** Reads and checks a pair. Throws HubError with what is wrong and what to do. */
export function readCertificateFiles({ certFile, keyFile }: CertificateFiles, clock: CertificateClock): KeyAndChain {
  const cert = readText(certFile);
  const key = readText(keyFile);
  const chain = parseChain(cert, certFile);
  const leaf = chain[0] as X509Certificate;
  if (!leaf.checkPrivateKey(parseKey(key, keyFile))) {
    throw certificateError(
      `The key in ${keyFile} is not that of the certificate in ${certFile}`,
      "Give the key that the certificate was made with; the server's own certificate comes first in its file.",
    );
  }
  checkOrder(chain, certFile);
  if (!isCurrent(leaf, clock)) {
    throw certificateError(
      `The certificate in ${certFile} is valid from ${leaf.validFrom} to ${leaf.validTo}, not now`,
      "Renew it, or correct the clock of the hub's machine.",
    );
  }
  // The server sends its chain as it is written: with a newline between any two, whatever the file has.
  const pair = { key, cert: chain.map((one) => `${one.toString().trim()}\n`).join("") };
  checkUse(pair, certFile);
  return pair;
}

function readText(file: string): string {
  try {
    if (statSync(file).size > mostBytes) throw new Error("the file is too large to be PEM");
    return readFileSync(file, "utf8");
  } catch (cause) {
    const hint = "Correct the path, and let the hub's user read the file.";
    throw certificateError(`${file} cannot be read: ${(cause as Error).message}`, hint, cause);
  }
}

function parseChain(text: string, file: string): X509Certificate[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    if (blocks.length === 0) throw new Error("there is no BEGIN CERTIFICATE");
    return blocks.map((block) => new X509Certificate(block));
  } catch (cause) {
    const hint = "Give the certificate as PEM, such as the fullchain.pem of certbot.";
    throw certificateError(`${file} is not a certificate: ${(cause as Error).message}`, hint, cause);
  }
}

function parseKey(text: string, file: string): KeyObject {
  try {
    return createPrivateKey(text);
  } catch (cause) {
    const isEncrypted = text.includes("ENCRYPTED");
    const what = isEncrypted ? "is encrypted" : "is not a private key";
    const hint = isEncrypted
      ? "Decrypt it, for example with openssl pkey -in old.pem -out new.pem."
      : "Give the key as PEM, such as the privkey.pem of certbot.";
    throw certificateError(`The key in ${file} ${what}`, hint, cause);
  }
}

function checkOrder(chain: readonly X509Certificate[], file: string): void {
  const wrong = chain.findIndex((one, i) => {
    const issuer = chain[i + 1];
    return issuer !== undefined && !(one.checkIssued(issuer) && one.verify(issuer.publicKey));
  });
  if (wrong < 0) return;
  throw certificateError(
    `In ${file} certificate ${wrong + 2} did not sign certificate ${wrong + 1}`,
    "Put the server's certificate first, then each authority after the one that it signed.",
  );
}

function checkUse(pair: KeyAndChain, file: string): void {
  try {
    createSecureContext(pair);
  } catch (cause) {
    const hint = "Use an EC P-256 key, or RSA of at least 2048 bits, and a SHA-256 signature.";
    throw certificateError(`The certificate in ${file} cannot be used: ${(cause as Error).message}`, hint, cause);
  }
}
