import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type * as api from "../../src/api/contract.ts";
import { newFolder, openHub, type TestHub } from "../harness.ts";
import { type OpenedPage, openBrowser, type PageOptions, type TestBrowser } from "./browser.ts";
import { asOwner, claimed, connect, connectProgram, owner, signIn } from "./household.ts";
import { somebodyAt } from "./person.ts";

let browser: TestBrowser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

const phone = { width: 390, height: 844 };
const desktop = { width: 1440, height: 900 };
const usage = { ENERGY: { Total: 1.5, Power: 640, Voltage: 231, Current: 2.9 } };

async function openApp(hub: TestHub, address: string, options: PageOptions, isSignedIn = true): Promise<OpenedPage> {
  const opened = await browser.openPage(options);
  if (isSignedIn) await signIn(opened.context, hub);
  await opened.page.goto(hub.url + address);
  return opened;
}

/** Waits for what a person would see in time, however slow the machine is. */
const eventually = <T>(get: () => T | Promise<T>, message = "") => expect.poll(get, { timeout: 15_000, message });
const heading = (page: Page) => page.getByRole("heading", { level: 1 }).filter({ visible: true }).first().innerText();
// A refused request is told in the console too; the pages of this file ask who is there before anybody is.
const unexpected = (errors: string[]) => errors.filter((error) => !/status of 401/.test(error));

/** The credential that a Tasmota plug's set-up line carries. */
function credentialIn(line: string): { username: string; password: string } {
  const value = (name: string) => new RegExp(`\\b${name} (\\S+?);`).exec(line)?.[1] ?? "";
  return { username: value("MqttUser"), password: value("MqttPassword") };
}

test.each([
  ["th", "light", phone, { next: "ต่อไป", done: "เปิดไฟบ้าน" }],
  ["en", "dark", desktop, { next: "Next", done: "Light it up" }],
] as const)(
  "from a new hub to a Tasmota plug that measures takes fewer than ten actions (%s, %s)",
  async (language, theme, size, words) => {
    const hub = await openHub(newFolder());
    const { page, context, errors } = await openApp(hub, "/", { ...size, language, theme }, false);
    const malee = somebodyAt(page);
    await malee.fill(page.locator('input[autocomplete="username"]'), owner.name);
    await malee.fill(page.locator('input[autocomplete="new-password"]'), owner.password);
    await malee.press(words.next);
    await malee.press(words.done);
    await malee.click(page.locator('[data-dialect="tasmota"]'));
    const line = await page.getByTestId("setup-card").locator("pre").first().innerText();

    const plug = await connect(hub, { ...credentialIn(line), clientId: "DVES_A1B2C3" });
    const arrival = page.getByTestId("arrival");
    await eventually(() => arrival.getAttribute("data-arrival")).toBe("connected");
    await plug.publishAsync("tele/fridge/SENSOR", JSON.stringify(usage), { qos: 1 });
    await eventually(() => arrival.getAttribute("data-arrival")).toBe("here");
    await eventually(() => page.getByTestId("arrived-meter").innerText()).toMatch(/640/);
    await malee.click(page.getByTestId("arrived-meter"));
    await eventually(() => page.getByTestId("meter-power").first().getAttribute("data-value")).toBe("640");

    expect(malee.actions()).toBeLessThan(10);
    expect(unexpected(errors)).toEqual([]);
    await context.close();
  },
);

test("a wrong password is told in plain words, and the right one leads to the page that was asked for", async () => {
  const hub = await claimed(await openHub(newFolder()));
  const { page, context, errors } = await openApp(hub, "/settings/people", { ...phone, language: "th" }, false);
  const malee = somebodyAt(page);
  await malee.fill(page.locator('input[autocomplete="username"]'), owner.name);
  await malee.fill(page.locator('input[autocomplete="current-password"]'), "not-the-password");
  await malee.press("เข้าสู่ระบบ");
  await eventually(() => page.getByRole("alert").allInnerTexts()).toContain("ชื่อหรือรหัสผ่านไม่ถูกต้อง");
  await malee.fill(page.locator('input[autocomplete="current-password"]'), owner.password);
  await malee.press("เข้าสู่ระบบ");
  await eventually(() => heading(page)).toBe("สมาชิกในบ้าน");
  expect(unexpected(errors)).toEqual([]);
  await context.close();
});

test("an invited viewer comes in by the link, sees the home, and finds nothing to change", async () => {
  const hub = await claimed(await openHub(newFolder()));
  const meter = await connectProgram(hub);
  await meter.publishAsync("tele/fridge/SENSOR", JSON.stringify(usage), { qos: 1 });
  const host = await openApp(hub, "/settings/people", { ...desktop, language: "en" });
  await host.page.locator("strong", { hasText: /^Viewer$/ }).click(); // not the options of the list above
  await host.page.getByRole("button", { name: "Make invitation" }).click();
  const link = await host.page.getByTestId("invitation").getAttribute("data-link");

  const guest = await browser.openPage({ ...phone, language: "th" });
  await guest.page.goto(link ?? "");
  await eventually(() => guest.page.locator("main").innerText()).toContain("ผู้ชม");
  await guest.page.locator('input[autocomplete="username"]').fill("สมศักดิ์");
  await guest.page.locator('input[autocomplete="new-password"]').fill("river-mango-11");
  await guest.page.getByRole("button", { name: "เข้าบ้าน" }).click();
  await eventually(() => guest.page.getByTestId("device-row").count()).toBe(1);

  await guest.page.goto(`${hub.url}/meters/tasmota-fridge`);
  await eventually(() => guest.page.getByTestId("meter-power").first().getAttribute("data-value")).toBe("640");
  expect(await guest.page.locator("main").getByRole("combobox").count()).toBe(0);
  expect(await guest.page.getByRole("button", { name: "เปลี่ยนชื่อ" }).count()).toBe(0);
  await guest.page.goto(`${hub.url}/meters`);
  await eventually(() => guest.page.getByTestId("meter-row").count()).toBe(1);
  expect(await guest.page.getByRole("link", { name: "เพิ่มอุปกรณ์" }).count()).toBe(0);
  for (const address of ["/devices", "/settings/people", "/settings/activity"]) {
    await guest.page.goto(hub.url + address);
    await eventually(() => heading(guest.page)).toBe("หน้านี้ไม่ได้เปิดให้คุณดู");
  }

  await host.page.reload();
  await eventually(() => host.page.getByTestId("people").innerText()).toContain("สมศักดิ์");
  expect(unexpected([...host.errors, ...guest.errors])).toEqual([]);
  await host.context.close();
  await guest.context.close();
});

test("an installer sees meters and devices, and nothing of the home", async () => {
  const hub = await claimed(await openHub(newFolder()));
  const meter = await connectProgram(hub);
  await meter.publishAsync("tele/fridge/SENSOR", JSON.stringify(usage), { qos: 1 });
  const asked = await asOwner(hub);
  const { path } = await asked.post<api.NewInvitation>("/api/invitations", { role: "installer", expiresInHours: 1 });
  const { page, context, errors } = await openApp(hub, path, { ...phone, language: "en" }, false);
  await page.locator('input[autocomplete="username"]').fill("Chai");
  await page.locator('input[autocomplete="new-password"]').fill("river-mango-11");
  await page.getByRole("button", { name: "Come in" }).click();
  await eventually(() => page.getByTestId("meter-row").count()).toBe(1);
  expect(await page.getByRole("navigation", { name: "Main" }).getByRole("link").allInnerTexts()).toEqual([
    "Meters",
    "Devices",
  ]);
  await page.getByTestId("meter-row").click();
  await eventually(() => page.getByTestId("meter-power").first().getAttribute("data-value")).toBe("640");
  expect(await page.locator("main").innerText()).not.toContain("Cost today");
  await page.goto(`${hub.url}/devices`);
  await eventually(() => page.getByTestId("devices").innerText()).toContain("Test program");
  expect(unexpected(errors)).toEqual([]);
  await context.close();
});

test("signing out everywhere ends the session in another browser at once, and the page is kept for later", async () => {
  const hub = await claimed(await openHub(newFolder()));
  const here = await openApp(hub, "/settings/signed-in", { ...desktop, language: "en" });
  const there = await openApp(hub, "/meters", { ...phone, language: "en" });
  await eventually(() => there.page.getByTestId("connection").first().getAttribute("data-state")).toBe("live");
  await here.page.getByRole("button", { name: "Sign out everywhere" }).click();
  await here.page.getByRole("dialog").getByRole("button", { name: "Sign out everywhere" }).click();
  await eventually(() => heading(here.page)).toBe("Welcome home");
  await eventually(() => heading(there.page)).toBe("Welcome home");
  expect(await there.page.locator("main").innerText()).toContain("You were signed out");

  await there.page.locator('input[autocomplete="username"]').fill(owner.name);
  await there.page.locator('input[autocomplete="current-password"]').fill(owner.password);
  await there.page.getByRole("button", { name: "Sign in" }).click();
  await eventually(() => new URL(there.page.url()).pathname).toBe("/meters");
  await eventually(() => there.page.getByTestId("connection").first().getAttribute("data-state")).toBe("live");
  await here.context.close();
  await there.context.close();
});

test("a session that has run out is renewed without anybody noticing", async () => {
  const hub = await claimed(await openHub(newFolder()));
  const { page, context } = await openApp(hub, "/settings/you", { ...phone, language: "en" });
  await eventually(() => heading(page)).toBe("You");
  await context.clearCookies({ name: "faiban_access" });
  await page.goto(`${hub.url}/settings/people`);
  await eventually(() => page.getByTestId("people").innerText()).toContain(owner.name);
  await eventually(() => page.getByTestId("connection").first().getAttribute("data-state")).toBe("live");
  await context.close();
});

test("a device that knocks while the door is open is let in with a name, and measures from then on", async () => {
  const hub = await claimed(await openHub(newFolder()));
  const { page, context, errors } = await openApp(hub, "/devices/add", { ...phone, language: "en" });
  await page.getByRole("button", { name: "Open the door" }).click();
  await eventually(() => page.getByTestId("pairing").getAttribute("data-open")).toBe("true");
  const plug = await connect(hub, { username: "DVES_USER", password: "its-own-secret", clientId: "DVES_9F00AA" });
  await plug.publishAsync("tele/washer/SENSOR", JSON.stringify(usage));
  const pending = page.getByTestId("pending");
  await eventually(() => pending.innerText()).toMatch(/640/);
  await pending.getByRole("textbox").fill("Washing machine");
  await pending.getByRole("button", { name: "Let it in" }).click();
  await eventually(() => page.locator("main").innerText()).toContain("Washing machine is in.");
  await eventually(() => page.getByTestId("pending").count()).toBe(0);
  await page.goto(`${hub.url}/devices`);
  await eventually(() => page.getByTestId("devices").innerText()).toContain("Washing machine");
  expect(errors).toEqual([]);
  await context.close();
});

test("below a path of a proxy every page, file and socket is found", async () => {
  const hub = await claimed(await openHub(newFolder(), ["--base-path", "/faiban/"]), "/faiban/");
  const opened = await browser.openPage({ ...phone, language: "en" });
  const root = `${hub.url}/faiban`;
  const signedIn = await opened.context.request.post(`${root}/api/session`, { data: owner });
  expect(signedIn.ok()).toBe(true);
  await opened.page.goto(`${root}/`);
  await eventually(() => opened.page.getByTestId("connection").first().getAttribute("data-state")).toBe("live");
  await opened.page.getByRole("link", { name: "Settings" }).click();
  await opened.page.getByRole("link", { name: /^Activity/ }).click();
  await eventually(() => heading(opened.page)).toBe("Activity");
  expect(new URL(opened.page.url()).pathname).toBe("/faiban/settings/activity");
  await opened.page.reload();
  await eventually(() => heading(opened.page)).toBe("Activity");
  expect(opened.errors).toEqual([]);
  await opened.context.close();
});

test("how to trust the hub is told over plain http, before anybody has claimed the hub", async () => {
  const hub = await openHub(newFolder(), ["--tls", "on", "--https-port", "0", "--mqtts-port", "0"]);
  const { page, context, errors } = await openApp(hub, "/trust", { ...phone, language: "en" }, false);
  const trust = await hub.get<api.Trust>("/api/trust");
  await eventually(async () => (await page.getByTestId("fingerprint").innerText()).replace(/\s/g, ":")).toBe(
    trust.fingerprint,
  );
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Download certificate" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("faiban-ca.crt");
  expect(unexpected(errors)).toEqual([]);
  await context.close();
});

test.each([
  ["th", "light", phone],
  ["en", "dark", phone],
  ["th", "dark", desktop],
  ["en", "light", desktop],
] as const)("every screen fits and every control has a name (%s, %s)", async (language, theme, size) => {
  const hub = await claimed(await openHub(newFolder()));
  const asked = await asOwner(hub);
  const name = "เครื่องทำน้ำอุ่นในห้องน้ำชั้นบนของบ้านหลังใหญ่ริมคลอง";
  const made = await asked.post<api.NewDevice>("/api/devices", { name, kind: "device", dialect: "tasmota" });
  await asked.post("/api/me/tokens", {
    name: "A program with a rather long name",
    scopes: ["read"],
    expiresInDays: 30,
  });
  const { page, context, errors } = await openApp(hub, "/", { ...size, language, theme });
  const sections = ["", "/you", "/people", "/signed-in", "/tokens", "/activity"].map((part) => `/settings${part}`);
  const devices = ["/devices", "/devices/add", "/devices/pair", `/devices/${made.device.id}`, "/devices/none"];
  for (const address of ["/", "/meters", ...sections, ...devices, "/trust"]) {
    await page.goto(hub.url + address);
    await eventually(() => page.getByRole("heading", { level: 1 }).count(), address).toBeGreaterThan(0);
    await page.waitForLoadState("networkidle").catch(() => {});
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), address).toBeLessThanOrEqual(
      0,
    );
    expect(await page.evaluate(namelessControls), address).toEqual([]);
  }
  expect(errors).toEqual([]);
  await context.close();
});

/** Runs in the page: controls that a screen reader has no name for. */
function namelessControls(): string[] {
  const controls = document.querySelectorAll<HTMLElement>("a, button, input, select, textarea");
  const named = (element: HTMLElement) =>
    element.getAttribute("aria-label") ||
    element.textContent?.trim() ||
    (element instanceof HTMLInputElement && (element.labels?.length ?? 0) > 0) ||
    ((element instanceof HTMLSelectElement || element instanceof HTMLTextAreaElement) && element.labels.length > 0);
  return [...controls].filter((element) => !named(element)).map((element) => element.outerHTML.slice(0, 120));
}
