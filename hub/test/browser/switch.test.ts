/** A relay in the app: pressed in a real browser, answered by a plug as Tasmota does, or not. */
import type { MqttClient } from "mqtt";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type * as api from "../../src/api/contract.ts";
import { newFolder, openHub, type TestHub } from "../harness.ts";
import { openBrowser, type TestBrowser } from "./browser.ts";
import { asOwner, claimed, connectProgram, owner, signIn } from "./household.ts";

let browser: TestBrowser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

const will = { topic: "tele/plug/LWT", payload: "Offline" };

/** A plug as Tasmota describes one, which counts what it is told and obeys when `answer` lets it. */
async function plugIn(hub: TestHub) {
  const client = await connectProgram(hub, will);
  const say = (topic: string, payload: string | object, retain = false) =>
    client.publishAsync(topic, typeof payload === "string" ? payload : JSON.stringify(payload), { qos: 1, retain });
  const told: string[] = [];
  client.on("message", (_topic, payload) => void told.push(`${payload}`));
  await client.subscribeAsync("cmnd/plug/POWER", { qos: 1 });
  await say(will.topic, "Online", true);
  await say("tele/plug/STATE", { POWER: "OFF", Wifi: { RSSI: 78, Signal: -61 } });
  await say("tele/plug/SENSOR", { ENERGY: { Total: 12.4, Power: 0, Voltage: 231 } });
  return { client, told, answer: (state: "ON" | "OFF") => answer(client, state) };
}

async function answer(client: MqttClient, state: "ON" | "OFF"): Promise<void> {
  await client.publishAsync("stat/plug/RESULT", JSON.stringify({ POWER: state }), { qos: 1 });
  await client.publishAsync("stat/plug/POWER", state, { qos: 1 });
}

async function openApp(hub: TestHub, address: string, { who = owner, width = 390, height = 844 } = {}) {
  const { page, context, errors } = await browser.openPage({ width, height });
  onTestFinished(() => context.close());
  await signIn(context, hub, who);
  await page.goto(hub.url + address);
  await expect.poll(() => page.getByTestId("connection").first().getAttribute("data-state")).toBe("live");
  return { page, errors };
}

const meterAddress = "/meters/tasmota-plug";
const relay = (page: Page) => page.getByRole("switch");
const isOn = (page: Page) => relay(page).getAttribute("aria-checked");
const isBusy = (page: Page) => relay(page).getAttribute("aria-busy");
const words = (page: Page) => page.getByRole("status").filter({ hasText: /\S/ }).last().innerText();
/** Where things are on the page, to see that none moves. */
const places = (page: Page) =>
  page.locator("main section, main [role=switch]").evaluateAll((all) =>
    all.map((one) => {
      const { x, y, width, height } = one.getBoundingClientRect();
      return [x, y, width, height].map(Math.round).join(" ");
    }),
  );

test("a press waits half-way until the plug has answered, and moves nothing else on the page", async () => {
  const hub = await claimed(await openHub(newFolder()));
  const plug = await plugIn(hub);
  const { page, errors } = await openApp(hub, meterAddress);
  await expect.poll(() => isOn(page)).toBe("false");
  const { width = 0, height = 0 } = (await relay(page).boundingBox()) ?? {};
  expect(Math.min(width, height)).toBeGreaterThanOrEqual(44);
  const before = await places(page);

  await relay(page).focus();
  await page.keyboard.press("Space");
  await expect.poll(() => plug.told).toEqual(["ON"]);
  expect([await isOn(page), await isBusy(page), await words(page)]).toEqual(["false", "true", "Sending…"]);
  await relay(page).click();
  expect(await places(page)).toEqual(before);
  await plug.answer("ON");
  await expect.poll(() => isBusy(page)).toBe("false");
  expect([await isOn(page), await words(page)]).toEqual(["true", "Confirmed by the device"]);
  expect(plug.told, "a second press while the first is under way is none").toEqual(["ON"]);
  expect(await places(page)).toEqual(before);

  await plug.answer("OFF");
  // Somebody has pressed the button on the plug itself.
  await expect.poll(() => isOn(page)).toBe("false");
  expect(errors).toEqual([]);
});

test("a plug that says nothing keeps its state, and the page says why for everybody who looks", async () => {
  const hub = await claimed(await openHub(newFolder()));
  await plugIn(hub);
  const { page, errors } = await openApp(hub, meterAddress);
  const list = await openApp(hub, "/meters", { width: 1440, height: 900 });
  await relay(page).click();
  await expect.poll(() => isBusy(list.page)).toBe("true");
  await expect.poll(() => words(page), { timeout: 20_000 }).toBe("It did not answer.");
  expect([await isOn(page), await isBusy(page)]).toEqual(["false", "false"]);
  await expect.poll(() => list.page.getByTestId("meter-row").innerText()).toContain("It did not answer.");
  await page.getByRole("link", { name: "All meters" }).click();
  await expect.poll(() => page.getByTestId("meter-row").innerText()).toContain("It did not answer.");
  expect([...errors, ...list.errors]).toEqual([]);
});

test("a plug that is away cannot be switched, and the reason is there", async () => {
  const hub = await claimed(await openHub(newFolder()));
  const plug = await plugIn(hub);
  const { page, errors } = await openApp(hub, meterAddress);
  await expect.poll(() => relay(page).getAttribute("aria-disabled")).toBe("false");
  plug.client.stream.destroy();
  await expect.poll(() => relay(page).getAttribute("aria-disabled")).toBe("true");
  expect(await words(page)).toBe("It is offline and cannot be switched.");
  await relay(page).click({ force: true });
  expect(await (await asOwner(hub)).get("/api/commands"), "nothing was asked of the hub").toEqual([]);
  expect(errors).toEqual([]);
});

test("in the list, the switch of a row switches and does not lead away", async () => {
  const hub = await claimed(await openHub(newFolder()));
  const plug = await plugIn(hub);
  const { page, errors } = await openApp(hub, "/meters");
  await relay(page).click();
  await expect.poll(() => plug.told).toEqual(["ON"]);
  await plug.answer("ON");
  await expect.poll(() => isOn(page)).toBe("true");
  expect(new URL(page.url()).pathname).toBe("/meters");
  expect(errors).toEqual([]);
});

test("who may only look sees the state in words and no switch", async () => {
  const hub = await claimed(await openHub(newFolder()));
  await plugIn(hub);
  const viewer = { name: "Noi", password: "river-mango-11" };
  const asked = await asOwner(hub);
  const { path } = await asked.post<api.NewInvitation>("/api/invitations", { role: "viewer", expiresInHours: 1 });
  await asked.post(`/api${path}`, { ...viewer, language: "en" });
  const { page, errors } = await openApp(hub, meterAddress, { who: viewer });
  await expect.poll(() => page.locator("main").innerText()).toContain("Switched off");
  expect(await relay(page).count()).toBe(0);
  await page.goto(`${hub.url}/meters`);
  await expect.poll(() => page.getByTestId("meter-row").count()).toBe(1);
  expect(await relay(page).count()).toBe(0);
  expect(errors).toEqual([]);
});
