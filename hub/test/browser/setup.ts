/** Runs once before the browser tests, because installing Chromium takes longer than a test may. */
import { ensureChromium } from "../../scripts/chromium.mjs";

export async function setup(): Promise<void> {
  await ensureChromium();
}
