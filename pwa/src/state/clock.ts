import { createSignal } from "solid-js";

const [tickMs, setTickMs] = createSignal(Date.now());

/** This device's time, renewed each second while the page is visible. */
export { tickMs };

export function startClock(): () => void {
  const tick = () => {
    if (!document.hidden) setTickMs(Date.now());
  };
  const timer = setInterval(tick, 1_000);
  document.addEventListener("visibilitychange", tick);
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", tick);
  };
}
