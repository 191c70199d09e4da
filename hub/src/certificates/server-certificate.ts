/** The hub's certificate as a server, signed by one of its own authorities for the names and addresses that it has now. */
import { X509Certificate } from "node:crypto";
import type { Log } from "../log.ts";
import type { Authority } from "./authority.ts";
import { shown } from "./errors.ts";
import { isDnsName, isHomeAddress, isHomeName } from "./ranges.ts";
import { loadPair, type SecretStore, savePair } from "./secrets.ts";
import { type CertificateClock, isDue, serverMs, validityOf } from "./validity.ts";
import { type KeyAndChain, keyPem, leafExtensions, newKeyPair } from "./x509.ts";

export interface ServerCertificate {
  current(): KeyAndChain;
  /** Makes it anew when it is due, or a name or an address is not in it; true when it did. */
  check(): boolean;
}

export interface ServerCertificateOptions {
  authority: Authority;
  /** Under which it is kept. */
  secret: string;
  secrets: SecretStore;
  clock: CertificateClock;
  /** DNS names, the first one of a home the certificate's common name; those of no home are left out. At least one. */
  names(): readonly string[];
  /** IP addresses; those of no home are left out. */
  addresses(): readonly string[];
  log: Log;
}

/** A home has a handful; a machine that runs containers may have hundreds. */
const mostAddresses = 16;
const mostNames = 32;

/** Opens the kept certificate, or makes one. */
export function openServerCertificate(options: ServerCertificateOptions): ServerCertificate {
  const { authority, secret, secrets, clock, log } = options;
  let pair = loadKept();

  function loadKept(): KeyAndChain {
    try {
      return loadPair(secrets, secret) ?? issue();
    } catch (error) {
      log.warn(`${shown(error)} It is made anew.`); // nobody has to trust a server's certificate by hand
      return issue();
    }
  }

  function issue(): KeyAndChain {
    const key = newKeyPair();
    const names = usableNames(options.names());
    const cert = authority.sign({
      subject: names[0] as string,
      publicKey: key.publicKey,
      validity: validityOf(serverMs, clock),
      extensions: leafExtensions("server", { names, addresses: usableAddresses(options.addresses()) }),
    });
    const made = { key: keyPem(key.privateKey), cert };
    savePair(secrets, secret, made);
    return made;
  }

  function check(): boolean {
    const certificate = new X509Certificate(pair.cert);
    const lacks =
      usableNames(options.names()).some((name) => certificate.checkHost(name) === undefined) ||
      usableAddresses(options.addresses()).some((address) => certificate.checkIP(address) === undefined);
    if (!lacks && !isDue(certificate, clock) && authority.hasSigned(certificate)) return false;
    pair = issue();
    return true;
  }

  check();
  return { current: () => pair, check };
}

/** A single one that the authority may not vouch for would make clients refuse all. */
function usableAddresses(addresses: readonly string[]): string[] {
  return addresses.filter(isHomeAddress).slice(0, mostAddresses);
}

function usableNames(names: readonly string[]): string[] {
  const small = names.map((name) => name.toLowerCase());
  const ofHome = small.filter((name) => isDnsName(name) && isHomeName(name) && !name.startsWith("*"));
  return ofHome.slice(0, mostNames);
}
