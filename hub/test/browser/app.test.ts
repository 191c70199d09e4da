import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newFolder, openHub, spawnHub, type TestHub } from "../harness.ts";
import { openBrowser, type PageOptions, type TestBrowser } from "./browser.ts";
import { asOwner, claimed, connect, connectProgram, makeProgram, signIn } from "./household.ts";

let browser: TestBrowser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

const phone: PageOptions = { width: 390, height: 844 };
const main = "home/home/sensor/power/total";

async function openApp(hub: TestHub, address = "/", options = phone) {
  const opened = await browser.openPage(options);
  await signIn(opened.context, hub);
  await opened.page.goto(hub.url + address);
  return opened;
}

const homePower = (page: Page) => page.getByTestId("home-power").getAttribute("data-value");
const connection = (page: Page) => page.getByTestId("connection").first().getAttribute("data-state");

test("a number published over MQTT is in the app within a second, and a new meter appears without a reload", async () => {
  const hub = await claimed(await openHub(newFolder()));
  const { page, context, errors } = await openApp(hub);
  await expect.poll(() => connection(page)).toBe("live");
  expect(await page.getByTestId("home-power").count(), "an empty home shows no number").toBe(0);

  const meter = await connectProgram(hub);
  await meter.publishAsync(main, JSON.stringify({ w: 1250, v: 220.5 }), { qos: 1 });
  await expect.poll(() => homePower(page), { timeout: 1_000, interval: 20 }).toBe("1250");
  await meter.publishAsync(main, JSON.stringify({ w: 2481, v: 220.5 }), { qos: 1 });
  await expect.poll(() => homePower(page), { timeout: 1_000, interval: 20 }).toBe("2481");
  await expect.poll(() => page.getByTestId("home-power").innerText()).toMatch(/2[.,]48\s*kW/);

  await meter.publishAsync("home/home/sensor/power/device/rice_cooker", "640", { qos: 1 });
  await expect
    .poll(() => page.getByTestId("device-row").allInnerTexts())
    .toEqual([expect.stringMatching(/Rice cooker[\s\S]*640/)]);
  expect(errors).toEqual([]);
  await context.close();
});

test("a meter that is switched off goes offline in the app by its last will", async () => {
  const hub = await claimed(await openHub(newFolder()));
  const topic = "home/home/device/plug_1/status";
  const plug = await connectProgram(hub, { topic, payload: "offline" });
  await plug.publishAsync(topic, "online", { qos: 1, retain: true });
  await plug.publishAsync("home/home/sensor/power/device/plug_1", "60", { qos: 1 });
  const { page, context, errors } = await openApp(hub, "/meters");
  const availability = () => page.getByTestId("meter-row").first().getAttribute("data-availability");
  await expect.poll(availability).toBe("online");
  plug.stream.destroy();
  await expect.poll(availability).toBe("offline");
  expect(errors).toEqual([]);
  await context.close();
});

test("the app recovers by itself when the hub restarts, and shows no old number as if it were now", async () => {
  const folder = newFolder();
  const hub = await spawnHub(folder);
  await claimed(hub);
  const { device, password } = await makeProgram(hub);
  const credential = { username: device.username ?? "", password };
  const meter = await connect(hub, credential);
  await meter.publishAsync(main, "1500", { qos: 1 });
  const { page, context } = await openApp(hub);
  await expect.poll(() => homePower(page)).toBe("1500");
  await hub.close();
  await expect.poll(() => connection(page)).toBe("offline");
  expect(await page.locator("main").innerText()).toContain("measured just now");

  const again = await spawnHub(folder, ["--http-port", `${hub.httpPort}`, "--mqtt-port", `${hub.mqttPort}`]);
  const newMeter = await connect(again, credential);
  await newMeter.publishAsync(main, "320", { qos: 1 });
  await expect.poll(() => connection(page), { timeout: 15_000 }).toBe("live");
  await expect.poll(() => homePower(page)).toBe("320");
  await context.close();
});

test("a meter's page shows its values and today's chart, and a new name is kept", async () => {
  const hub = await claimed(await openHub(newFolder()));
  const client = await connectProgram(hub);
  const energy = { Total: [1, 2, 3], Power: [100, 200, 300], Voltage: [230, 231, 232], Current: [0.4, 0.9, 1.3] };
  await client.publishAsync("tele/panel/SENSOR", JSON.stringify({ ENERGY: energy }), { qos: 1 });
  const { page, context, errors } = await openApp(hub, "/meters/tasmota-panel", { width: 1440, height: 900 });
  await expect.poll(() => page.getByTestId("meter-power").first().getAttribute("data-value")).toBe("600");
  const text = (await page.locator("main").innerText()).replaceAll("\u00a0", " ");
  for (const value of ["231", "1.3", "6.00 kWh"]) expect(text).toContain(value);
  await expect.poll(() => page.locator("canvas").count()).toBeGreaterThan(0);

  await page.getByRole("button", { name: /rename/i }).click();
  await page.getByRole("textbox").fill("ตู้ไฟหน้าบ้าน");
  await page.keyboard.press("Enter");
  await expect.poll(() => page.getByRole("heading", { level: 1 }).innerText()).toContain("ตู้ไฟหน้าบ้าน");
  expect(await (await asOwner(hub)).get("/api/meters/tasmota-panel")).toMatchObject({ name: "ตู้ไฟหน้าบ้าน" });
  expect(errors).toEqual([]);
  await context.close();
});

test.each([
  ["th", "light", 390, 844, "กำลังใช้ไฟ"],
  ["en", "dark", 1440, 900, "Using now"],
  ["th", "dark", 320, 640, "กำลังใช้ไฟ"],
] as const)(
  "speaks %s in the %s theme at %i × %i without scrolling sideways",
  async (language, theme, width, height, words) => {
    const hub = await claimed(await openHub(newFolder()));
    const client = await connectProgram(hub);
    await client.publishAsync(main, "812", { qos: 1 });
    await client.publishAsync("home/home/sensor/power/device/air_conditioner_of_the_big_bedroom_upstairs", "700", {
      qos: 1,
    });
    const { page, context, errors } = await openApp(hub, "/", { width, height, theme, language });
    await expect.poll(() => homePower(page)).toBe("812");
    expect(await page.locator("html").getAttribute("lang")).toBe(language);
    expect(await page.locator("main").innerText()).toContain(words);
    for (const address of ["/", "/meters", "/meters/customer-main", "/nowhere"]) {
      await page.goto(hub.url + address);
      await expect.poll(() => connection(page)).toBe("live");
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow, address).toBeLessThanOrEqual(0);
    }
    expect(errors).toEqual([]);
    await context.close();
  },
);
