/** For tests: an authority of the user's own, and certificate files signed by it. */

import type { KeyObject } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";
import type { CertificateFiles } from "./own-files.ts";
import { dayMs } from "./validity.ts";
import { authorityExtensions, keyPem, leafExtensions, newKeyPair, signCertificate, type Validity } from "./x509.ts";

const pair = newKeyPair();
const signer = { name: "Example Authority", ...pair };
const aroundNow = (): Validity => ({ fromMs: Date.now() - dayMs, toMs: Date.now() + 60 * dayMs });

export const ownAuthority = {
  pem: signCertificate(
    { subject: signer.name, publicKey: pair.publicKey, validity: aroundNow(), extensions: authorityExtensions(null) },
    signer,
  ),
};

/** A certificate for the names and the key, as PEM. */
export function signFor(names: string[], publicKey: KeyObject, validity: Validity = aroundNow()): string {
  const extensions = leafExtensions("server", { names });
  return signCertificate({ subject: names[0] ?? "none", publicKey, validity, extensions }, signer);
}

/** A key and a certificate for the names, as PEM. */
export function newPair(names: string[], validity?: Validity): { key: string; cert: string } {
  const { privateKey, publicKey } = newKeyPair();
  return { key: keyPem(privateKey), cert: signFor(names, publicKey, validity) };
}

/** The same in files of a folder that goes with the test. */
export function newPairFiles(names: string[], validity?: Validity): CertificateFiles & { key: string; cert: string } {
  const folder = mkdtempSync(path.join(os.tmpdir(), "faiban-files-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const made = newPair(names, validity);
  const files = { certFile: path.join(folder, "cert.pem"), keyFile: path.join(folder, "key.pem") };
  writeFileSync(files.keyFile, made.key);
  writeFileSync(files.certFile, made.cert);
  return { ...files, ...made };
}
