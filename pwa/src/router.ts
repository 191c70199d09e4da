import { createSignal } from "solid-js";
import { basePath, pageAddress, pagePath } from "./base.ts";

const base = basePath(document.baseURI);
const [path, setPath] = createSignal(shownPath());

/** The path of the page that is shown, from the app's own root on. */
export { path };

/** The address of a page or a file of the hub, wherever the app is served. */
export function to(page: string): string {
  return pageAddress(page, base);
}

/** A part of a path as it was before it was made safe for addresses; one that never was stays as it is. */
export function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Shows a page; `replace` leaves no way back to the one before. */
export function navigate(page: string, how: { replace?: boolean } = {}): void {
  if (page === path()) return;
  if (how.replace) history.replaceState(null, "", to(page));
  else history.pushState(null, "", to(page));
  show();
  window.scrollTo(0, 0);
}

/** Lets plain links move between pages without a reload; returns what undoes it. */
export function startRouter(): () => void {
  document.addEventListener("click", followLink);
  window.addEventListener("popstate", show);
  return () => {
    document.removeEventListener("click", followLink);
    window.removeEventListener("popstate", show);
  };
}

function show(): void {
  setPath(shownPath());
}

function shownPath(): string {
  return pagePath(location.pathname, base) ?? location.pathname;
}

function followLink(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (!link || link.target || link.origin !== location.origin || link.hasAttribute("download")) return;
  const page = pagePath(link.pathname, base);
  if (page === null) return;
  event.preventDefault();
  navigate(page);
}
