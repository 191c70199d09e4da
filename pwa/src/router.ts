import { createSignal } from "solid-js";

const [path, setPath] = createSignal(location.pathname);

/** The path of the page that is shown. */
export { path };

export function navigate(to: string): void {
  if (to === path()) return;
  history.pushState(null, "", to);
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
  setPath(location.pathname);
}

function followLink(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (!link || link.target || link.origin !== location.origin || link.hasAttribute("download")) return;
  event.preventDefault();
  navigate(link.pathname);
}
