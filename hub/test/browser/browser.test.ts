import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openBrowser, type TestBrowser } from "./browser.ts";

let browser: TestBrowser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

test("a page has the size, theme, language and time zone that the test asked for", async () => {
  const { page, context, errors } = await browser.openPage({ width: 360, height: 740, theme: "dark", language: "th" });
  const seen = await page.evaluate(() => ({
    width: innerWidth,
    height: innerHeight,
    dark: matchMedia("(prefers-color-scheme: dark)").matches,
    language: navigator.language,
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  }));
  expect(seen).toEqual({ width: 360, height: 740, dark: true, language: "th-TH", timeZone: "Asia/Bangkok" });
  expect(errors).toEqual([]);
  await context.close();
});

test("exceptions, console errors and failed loads of a page are collected", async () => {
  const server = createServer((request, response) => {
    response.statusCode = request.url === "/" ? 200 : 404;
    response.setHeader("content-type", "text/html");
    response.end(`<img src="/missing.png"><script>console.error("noted"); throw new Error("thrown")</script>`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { page, context, errors } = await browser.openPage();
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await expect.poll(() => errors.length).toBeGreaterThanOrEqual(3);
  expect(errors.join("\n")).toMatch(/noted/);
  expect(errors.join("\n")).toMatch(/thrown/);
  expect(errors.join("\n")).toMatch(/404.*missing\.png/);
  await context.close();
  server.closeAllConnections();
  server.close();
});
