/** The systems that the steps are told for. */
export const platforms = ["ios", "android", "windows", "macos", "firefox"] as const;
export type Platform = (typeof platforms)[number];

/**
 * The visitor's system, by what the browser says of itself. An iPad calls itself a Mac, but has a touch screen; Firefox
 * on a computer keeps certificates of its own, and so do most browsers on Linux, in the same kind of window.
 */
export function platformOf(userAgent: string, maxTouchPoints: number): Platform {
  if (/iPhone|iPad|iPod/.test(userAgent)) return "ios";
  if (/Macintosh/.test(userAgent) && maxTouchPoints > 1) return "ios";
  if (/Android/.test(userAgent)) return "android";
  if (/Firefox\//.test(userAgent)) return "firefox";
  if (/Windows/.test(userAgent)) return "windows";
  return /Macintosh/.test(userAgent) ? "macos" : "firefox";
}

/** A fingerprint in lines of eight bytes, as it is compared by eye. */
export function fingerprintLines(fingerprint: string): string[] {
  const bytes = fingerprint.split(":");
  const lines: string[] = [];
  for (let start = 0; start < bytes.length; start += 8) lines.push(bytes.slice(start, start + 8).join(":"));
  return lines;
}

/**
 * The address of this page for another device: "localhost" means nothing there, so the host is then taken from the
 * hub's own addresses.
 */
export function addressForOthers(page: string, hubUrls: readonly string[]): string {
  const address = new URL(page);
  const isOwn = ["localhost", "127.0.0.1", "[::1]"].includes(address.hostname);
  const host = hubUrls.map((url) => new URL(url).hostname).find((name) => name !== "localhost");
  if (isOwn && host) address.hostname = host;
  return address.href;
}
