/** A real Chromium for the browser tests: pages of a given size, theme and language, and every error they show. */
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { ensureChromium } from "../../scripts/chromium.mjs";

/** Without the background flags, Chromium calls its maker's hosts at every start and waits when there is no internet. */
const FLAGS = [
  "--no-sandbox", // Chromium's own sandbox does not work for root, which most build servers are
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export interface PageOptions {
  /** CSS pixels. */
  width?: number;
  height?: number;
  theme?: "light" | "dark";
  language?: "th" | "en";
}

export interface OpenedPage {
  page: Page;
  context: BrowserContext;
  /** What went wrong in the page since it was opened: exceptions and `console.error`. Assert that it is empty. */
  errors: string[];
}

export interface TestBrowser {
  browser: Browser;
  /** Opens a page of a visitor that has never been here: no cookies, no storage, no service worker. */
  openPage(options?: PageOptions): Promise<OpenedPage>;
  close(): Promise<void>;
}

export async function openBrowser(): Promise<TestBrowser> {
  const executablePath = await ensureChromium();
  const browser = await chromium.launch({ executablePath, headless: true, args: FLAGS });
  return {
    browser,
    openPage: (options = {}) => openPage(browser, options),
    close: () => browser.close(),
  };
}

async function openPage(
  browser: Browser,
  { width = 1280, height = 800, theme = "light", language = "en" }: PageOptions,
): Promise<OpenedPage> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    locale: language === "th" ? "th-TH" : "en-GB",
    timezoneId: "Asia/Bangkok",
    reducedMotion: "reduce", // so that a screenshot does not depend on when it was taken
  });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(`${message.text()} (${message.location().url})`);
  });
  return { page, context, errors };
}
