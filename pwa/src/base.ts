/** Where the app lives, such as "/" or "/faiban/" behind a proxy: the path of the document's base, up to its last slash. */
export function basePath(baseUri: string): string {
  const { pathname } = new URL(baseUri);
  return pathname.slice(0, pathname.lastIndexOf("/") + 1);
}

/** The app's own path of an address, without a slash at its end; null for what lies outside the app. */
export function pagePath(pathname: string, base: string): string | null {
  if (`${pathname}/` === base) return "/";
  if (!pathname.startsWith(base)) return null;
  return `/${pathname.slice(base.length)}`.replace(/(?<=.)\/+$/, "");
}

/** The address of one of the app's own paths. */
export function pageAddress(path: string, base: string): string {
  return base + path.replace(/^\/+/, "");
}

/** The address of the live socket beside the app's document. */
export function socketAddress(baseUri: string): string {
  const address = new URL("api/live", baseUri);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  return address.href;
}
