/** What people's devices need to trust the hub: its authority in the forms that systems take, and its addresses. */
import { createHash, type X509Certificate } from "node:crypto";
import { isIPv6 } from "node:net";
import { isHomeAddress } from "./ranges.ts";

/** A file to download. */
export interface OnboardingFile {
  name: string;
  contentType: string;
  bytes: Buffer;
}

/** An authority's certificate as PEM: Linux, Firefox, devices. */
export function pemFile(name: string, pem: string): OnboardingFile {
  return { name: `${name}.pem`, contentType: "application/x-pem-file", bytes: Buffer.from(pem) };
}

/** The authority's certificate as DER: Android, Windows, macOS. */
export function derFile(authority: X509Certificate): OnboardingFile {
  return { name: "faiban-home.crt", contentType: "application/x-x509-ca-cert", bytes: authority.raw };
}

/**
 * The authority's certificate as a profile for iOS and iPadOS (Apple's Configuration Profile Reference: a payload
 * com.apple.security.root). Its ids come from the certificate, so that installing it again replaces it.
 */
export function profileFile(authority: X509Certificate, name: string): OnboardingFile {
  const payload = plistDict({
    PayloadType: "com.apple.security.root",
    PayloadVersion: 1,
    PayloadIdentifier: `home.faiban.${stableUuid(authority, "certificate")}`,
    PayloadUUID: stableUuid(authority, "certificate"),
    PayloadDisplayName: name,
    PayloadCertificateFileName: "faiban-home.crt",
    PayloadContent: authority.raw,
  });
  const profile = plistDict({
    PayloadType: "Configuration",
    PayloadVersion: 1,
    PayloadIdentifier: `home.faiban.${stableUuid(authority, "profile")}`,
    PayloadUUID: stableUuid(authority, "profile"),
    PayloadDisplayName: name,
    PayloadDescription: `SHA-256 ${authority.fingerprint256}`,
    PayloadRemovalDisallowed: false,
    PayloadContent: [payload],
  });
  const text = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
${profile.xml}
</plist>
`;
  return {
    name: "faiban-home.mobileconfig",
    contentType: "application/x-apple-aspen-config",
    bytes: Buffer.from(text),
  };
}

/** The hub's https addresses: its names first, then addresses of the home. Port 443 goes without saying. */
export function httpsUrls(names: readonly string[], addresses: readonly string[], port: number): string[] {
  const hosts = addresses.filter(isHomeAddress).map((address) => (isIPv6(address) ? `[${address}]` : address));
  return [...names, ...hosts].map((host) => `https://${host}${port === 443 ? "" : `:${port}`}/`);
}

interface PlistDict {
  xml: string;
}
type PlistValue = string | number | boolean | Buffer | PlistDict[];

function plistDict(entries: Record<string, PlistValue>): PlistDict {
  const lines = Object.entries(entries).map(([key, value]) => `<key>${key}</key>${plistValue(value)}`);
  return { xml: `<dict>\n${lines.join("\n")}\n</dict>` };
}

function plistValue(value: PlistValue): string {
  if (typeof value === "string") return `<string>${escaped(value)}</string>`;
  if (typeof value === "number") return `<integer>${value}</integer>`;
  if (typeof value === "boolean") return value ? "<true/>" : "<false/>";
  if (Buffer.isBuffer(value)) return `<data>${value.toString("base64")}</data>`;
  return `<array>${value.map(({ xml }) => xml).join("")}</array>`;
}

/** XML 1.0 knows no control characters, not even escaped. */
function escaped(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
  return text.replace(/\p{Cc}|\p{Cs}/gu, "").replace(/[&<>]/g, (character) => entities[character] as string);
}

/** A UUID of version 8 (RFC 9562), made of a certificate and a word. */
function stableUuid(certificate: X509Certificate, word: string): string {
  const bytes = createHash("sha256").update(certificate.raw).update(word).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  const hex = bytes.toString("hex").toUpperCase();
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
