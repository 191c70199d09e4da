import { describe, expect, test } from "vitest";
import type * as api from "../src/api/bill-contract.ts";
import type { ApiError, Home } from "../src/api/contract.ts";
import type { Cycle } from "../src/billing/cycle.ts";
import { windowOf } from "../src/billing/window.ts";
import { quarterMs } from "../src/energy/calendar.ts";
import {
  amounts,
  bangkok,
  expectedBill,
  february,
  hourMs,
  machineAt,
  publishUse,
  send,
  setTariff,
  settings,
  span,
  type Use,
  useOf,
} from "./bills.harness.ts";
import { newFolder, openHub, until } from "./harness.ts";

describe("a month told quarter by quarter", () => {
  test("costs what the tariff says, to the satang, on every plan of a home", { timeout: 30_000 }, async () => {
    const hub = await openHub(newFolder(), [], machineAt("2027-03-01T10:00").world);
    const uses = useOf(february);
    await publishUse(hub, "meter_main", uses);
    expect((await hub.get<api.TariffAnswer>("/api/tariff")).isDefault).toBe(true);
    for (const plan of ["TH-1.2", "TH-1.1", "TH-1.3-LV"]) {
      if (plan !== "TH-1.2") expect((await setTariff(hub, settings([span(plan)]))).status).toBe(200);
      const { state, bill } = await hub.get<api.PastBill>("/api/bills/2027-02-01");
      const expected = expectedBill(plan, february, uses);
      expect(state).toBe("provisional");
      expect(bill.plan.id).toBe(plan);
      expect(bill.billedKwh).toBe(expected.billedKwh);
      expect(amounts(bill.lines)).toEqual(amounts(expected.lines));
      expect(bill.totalSatang).toBe(expected.totalSatang);
      expect(bill.lines.reduce((sum, { amountSatang }) => sum + amountSatang, 0)).toBe(bill.totalSatang);
      expect(bill.measured).toEqual({ quarters: 28 * 96, missingQuarters: 0, partialQuarters: 0, estimatedWh: 0 });
    }
    const { bill } = await hub.get<api.PastBill>("/api/bills/2027-02-01");
    expect(bill.lines[0]?.label).toEqual({ en: "Energy, peak", th: "ค่าพลังงานไฟฟ้า, ช่วง On Peak" });
    expect(bill.notes.map(({ key }) => key)).toEqual(["unconfirmed"]);
  });

  test("has the Ft that the household gives for the month", { timeout: 30_000 }, async () => {
    const hub = await openHub(newFolder(), [], machineAt("2027-03-01T10:00").world);
    const uses = useOf(february);
    await publishUse(hub, "meter_main", uses);
    const adjustments = { "2027-02": { ft: "-11.5" }, "2027-03": { ft: "99" } };
    expect((await setTariff(hub, settings([span("TH-1.2")], { adjustments }))).status).toBe(200);
    const { bill } = await hub.get<api.PastBill>("/api/bills/2027-02-01");
    const expected = expectedBill("TH-1.2", february, uses, { adjustments: { ft: "-11.5" } });
    expect(bill.totalSatang).toBe(expected.totalSatang);
    expect(bill.notes).toEqual([]);
  });

  test("is divided where the household changes its plan", { timeout: 30_000 }, async () => {
    const hub = await openHub(newFolder(), [], machineAt("2027-03-01T10:00").world);
    const uses = useOf(february);
    await publishUse(hub, "meter_main", uses);
    await setTariff(hub, settings([span("TH-1.2"), span("TH-1.3-LV", { from: "2027-02-11" })]));
    const { bills } = await hub.get<api.Bills>("/api/bills");
    const [before, after] = [
      { start: "2027-02-01", end: "2027-02-11" },
      { start: "2027-02-11", end: "2027-03-01" },
    ];
    expect(bills.map(({ cycle, plan, totalSatang }) => [cycle.start, plan.id, totalSatang])).toEqual([
      [after.start, "TH-1.3-LV", expectedBill("TH-1.3-LV", after, uses).totalSatang],
      [before.start, "TH-1.2", expectedBill("TH-1.2", before, uses).totalSatang],
    ]);
  });
});

describe("a bill that is over", () => {
  const missing = ({ startMs }: Use) => startMs >= Date.parse("2027-02-20T00:00+07:00");

  test("is final after a day, whatever comes later, until it is made anew on request", {
    timeout: 30_000,
  }, async () => {
    const folder = newFolder();
    const machine = machineAt("2027-03-01T10:00");
    const hub = await openHub(folder, [], machine.world);
    const uses = useOf(february);
    const known = uses.filter((use) => !missing(use));
    await publishUse(hub, "meter_main", known);
    const address = "/api/bills/2027-02-01";
    expect((await hub.get<api.PastBill>(address)).state).toBe("provisional");
    machine.pass(15 * hourMs);
    const first = await hub.get<api.PastBill>(address);
    expect(first).toMatchObject({ state: "final", madeFrom: { plan: "TH-1.2", pricesFrom: "2023-01-01" } });
    expect(first.bill.totalSatang).toBe(expectedBill("TH-1.2", february, known).totalSatang);
    expect(first.bill.notes.map(({ key }) => key)).toContain("energy_missing");

    const late = uses.filter(missing);
    const soFarWh = known.reduce((sum, { importWh }) => sum + importWh, 0);
    await publishUse(hub, "meter_main", late, 1_000_000 + soFarWh);
    await setTariff(hub, settings([span("TH-1.2")], { adjustments: { "2027-02": { ft: "50" } } }));
    expect(await hub.get<api.PastBill>(address)).toEqual(first);
    await hub.close();
    const again = await openHub(folder, [], machine.world);
    expect(await again.get<api.PastBill>(address)).toEqual(first);

    const { body } = await send<api.Recomputed>(again, "POST", `${address}/recompute`);
    const expected = expectedBill("TH-1.2", february, uses, { adjustments: { ft: "50" } });
    expect(body.before).toEqual(first);
    expect(body.after.bill.totalSatang).toBe(expected.totalSatang);
    expect(body.changed).toEqual(["measurements", "settings"]);
    expect(body.differenceSatang).toBe(expected.totalSatang - first.bill.totalSatang);
    const difference = body.lines.reduce((sum, line) => sum + (line.afterSatang ?? 0) - (line.beforeSatang ?? 0), 0);
    expect(difference).toBe(body.differenceSatang);
    expect(await again.get<api.PastBill>(address)).toEqual(body.after);
    expect((await send<api.Recomputed>(again, "POST", `${address}/recompute`)).body).toMatchObject({
      ...{ changed: [], differenceSatang: 0, lines: [] },
    });
  });

  test("is compared with the utility's own, and given as a table", { timeout: 30_000 }, async () => {
    const hub = await openHub(newFolder(), [], machineAt("2027-03-03T10:00").world);
    const uses = useOf(february);
    await publishUse(hub, "meter_main", uses);
    const { totalSatang, billedKwh } = expectedBill("TH-1.2", february, uses);
    const figure = { totalSatang: totalSatang + 250, kwh: String(Number(billedKwh) + 1) };
    const { body } = await send<api.PastBill>(hub, "PUT", "/api/bills/2027-02-01/paper", figure);
    expect(body.paper).toMatchObject({ ...figure, differenceSatang: -250, differenceKwh: -1 });
    expect((await hub.get<api.Bills>("/api/bills")).bills[0]?.paper?.differenceSatang).toBe(-250);
    const taken = await send<api.PastBill>(hub, "PUT", "/api/bills/2027-02-01/paper", { totalSatang: null });
    expect(taken.body.paper).toBeNull();

    const response = await fetch(`${hub.url}/api/bills/2027-02-01.csv`);
    expect(response.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    const text = Buffer.from(await response.arrayBuffer()).toString("utf8");
    expect(text.codePointAt(0)).toBe(0xfeff);
    const rows = text.trimEnd().split("\r\n");
    expect(rows.at(-1)).toBe(
      `total,Total,รวม,${billedKwh},kWh,,${(totalSatang / 100).toFixed(2)},2027-02-01,2027-03-01`,
    );
    expect(rows).toHaveLength(1 + body.bill.lines.length + 1);
  });

  test("stays when its meter is removed, and is then not made anew", { timeout: 30_000 }, async () => {
    const hub = await openHub(newFolder(), [], machineAt("2027-03-03T10:00").world);
    await publishUse(hub, "meter_main", useOf(february));
    const address = "/api/bills/2027-02-01";
    const before = await hub.get<api.PastBill>(address);
    expect(before.state).toBe("final");
    await fetch(`${hub.url}/api/meters/customer-meter_main`, { method: "DELETE" });
    expect((await hub.get<unknown[]>("/api/meters")).length).toBe(0);
    expect((await hub.get<api.Bills>("/api/bills")).bills).toHaveLength(1);
    const { status, body } = await send<ApiError>(hub, "POST", `${address}/recompute`);
    expect([status, body.hint]).toEqual([400, "Its bill stays as it was made."]);
    expect(await hub.get<api.PastBill>(address)).toEqual(before);
  });
});

describe("the present bill", () => {
  test("tells what it is so far, what it will come to, and what a kWh costs now and next", {
    timeout: 30_000,
  }, async () => {
    // A Monday: peak from 9:00 to 22:00.
    const hub = await openHub(newFolder(), [], machineAt("2027-02-15T10:20").world);
    await setTariff(hub, settings([span("TH-1.3-LV")]));
    const nowMs = Date.parse("2027-02-15T10:15+07:00");
    const uses = useOf(february).filter(({ startMs }) => startMs < nowMs);
    await publishUse(hub, "meter_main", uses);
    const bill = await hub.get<api.BillNow>("/api/bill");
    const toDate = expectedBill("TH-1.3-LV", february, uses, { knownToMs: nowMs });
    expect(bill.toDate.totalSatang).toBe(toDate.totalSatang);
    expect(bill.toDate.measured.missingQuarters).toBe(0);
    const whole = expectedBill("TH-1.3-LV", february, useOf(february)).totalSatang;
    expect(Math.abs((bill.expected?.totalSatang ?? 0) - whole)).toBeLessThan(whole * 0.05);
    expect(bill.range?.lowSatang).toBeLessThanOrEqual(bill.expected?.totalSatang ?? 0);
    expect(bill.range?.highSatang).toBeGreaterThanOrEqual(bill.expected?.totalSatang ?? 0);
    expect(bill.now).toMatchObject({ period: "peak", endMs: Date.parse("2027-02-15T22:00+07:00") });
    expect(bill.next).toMatchObject({ period: "off_peak", endMs: Date.parse("2027-02-16T09:00+07:00") });
    expect(bill.now.satangPerKwh).toBeGreaterThan(2 * (bill.next?.satangPerKwh ?? 0) - 60);
  });

  test("says what today and this month cost in the home's view, without fixed charges", {
    timeout: 30_000,
  }, async () => {
    const hub = await openHub(newFolder(), [], machineAt("2027-02-15T10:00").world);
    const nowMs = Date.parse("2027-02-15T10:00+07:00");
    const uses = useOf(february).filter(({ startMs }) => startMs < nowMs);
    await publishUse(hub, "meter_main", uses);
    await setTariff(hub, settings([span("TH-1.2")]));
    const todayMs = Date.parse("2027-02-15T00:00+07:00");
    const added = (fromMs: number) => {
      const bill = (list: Use[]) => expectedBill("TH-1.2", february, list, { exactUnits: true }).totalSatang / 100;
      return bill(uses) - bill(uses.filter(({ startMs }) => startMs < fromMs));
    };
    const near = (cost: number, expected: number) => Math.abs(cost - expected) < 0.02;
    const home = await until(async () => {
      const { today, month } = await hub.get<Home>("/api/home");
      return near(today.cost, added(todayMs)) && near(month.cost, added(0)) && month;
    }, "the cost of the plan");
    expect(home.cost).toBeGreaterThan(100);
  });

  test("is there on a hub that has measured nothing yet", async () => {
    const hub = await openHub(newFolder(), [], machineAt("2027-02-15T10:00").world);
    const { toDate, expected } = await hub.get<api.BillNow>("/api/bill");
    expect(toDate.totalSatang).toBe(expectedBill("TH-1.2", february, []).totalSatang);
    expect(expected).toBeNull();
    expect(await hub.get<api.Bills>("/api/bills")).toEqual({ bills: [], problems: [] });
    expect((await hub.get<api.Comparison>("/api/bill/compare")).basis).toBe("to_date");
    const split = await hub.get<api.Split>("/api/bill/split");
    expect(split.shares.map(({ channelId, amountSatang }) => [channelId, amountSatang])).toEqual([
      [null, toDate.totalSatang],
    ]);
  });
});

describe("plans and shares", () => {
  test("plans are compared on the same use, the cheapest first", { timeout: 30_000 }, async () => {
    const hub = await openHub(newFolder(), [], machineAt("2027-03-01T10:00").world);
    const uses = useOf(february);
    await publishUse(hub, "meter_main", uses);
    const { basis, plans, cycles } = await hub.get<api.Comparison>("/api/bill/compare");
    expect([basis, cycles]).toEqual(["past", 1]);
    expect(plans.map(({ plan }) => plan.id).toSorted()).toEqual(["TH-1.1", "TH-1.2", "TH-1.3-LV", "TH-1.3-MV"]);
    for (const { plan, totalSatang } of plans) {
      expect(totalSatang).toBe(expectedBill(plan.id, february, uses).totalSatang);
    }
    const totals = plans.map(({ totalSatang }) => totalSatang ?? Number.NaN);
    expect(totals).toEqual(totals.toSorted((a, b) => a - b));
    expect(plans.find(({ isCurrent }) => isCurrent)).toMatchObject({ plan: { id: "TH-1.2" }, differenceSatang: 0 });
    const chosen = await hub.get<api.Comparison>("/api/bill/compare?plans=TH-2-LV,TH-1.1");
    expect(chosen.plans.map(({ plan }) => plan.id).toSorted()).toEqual(["TH-1.1", "TH-1.2", "TH-2-LV"]);
  });

  test("a bill is divided among meters by what they used and when, and adds up", { timeout: 30_000 }, async () => {
    const hub = await openHub(newFolder(), [], machineAt("2027-03-01T10:00").world);
    await publishUse(hub, "meter_main", useOf(february));
    await publishUse(hub, "fridge", useOf(february, bangkok, 0.2));
    await publishUse(hub, "pump", useOf(february, bangkok, 0.5));
    const hourOf = (timeMs: number) => new Date(timeMs + 7 * hourMs).getUTCHours();
    const atNight = ({ startMs, importWh }: Use) => ({ startMs, importWh: hourOf(startMs) < 9 ? importWh : 0 });
    await publishUse(hub, "boiler", useOf(february, bangkok, 0.25).map(atNight));
    const { totalSatang, shares, by } = await hub.get<api.Split>("/api/bill/split?cycle=2027-02-01");
    expect(by).toBe("appliances");
    expect(totalSatang).toBe(expectedBill("TH-1.2", february, useOf(february)).totalSatang);
    expect(shares.reduce((sum, { amountSatang }) => sum + amountSatang, 0)).toBe(totalSatang);
    expect(shares.map(({ meterId }) => meterId)).toEqual([
      ...["customer-pump", null, "customer-fridge", "customer-boiler"],
    ]);
    expect((shares[1]?.amountSatang ?? 0) / totalSatang).toBeCloseTo(1 - 0.5 - 0.2 - 0.25 * (9 / 24), 2);
    expect((shares[0]?.amountSatang ?? 0) / totalSatang).toBeCloseTo(0.5, 2);
    const priceOf = (split: api.Split, meterId: string) => {
      const share = split.shares.find((one) => one.meterId === meterId);
      return (share?.amountSatang ?? 0) / (share?.importWh ?? 1);
    };
    await setTariff(hub, settings([span("TH-1.3-LV")]));
    const byTime = await hub.get<api.Split>("/api/bill/split?cycle=2027-02-01&fixed=equally");
    expect(priceOf(byTime, "customer-boiler")).toBeLessThan(0.8 * priceOf(byTime, "customer-fridge"));
    expect(byTime.shares.reduce((sum, { amountSatang }) => sum + amountSatang, 0)).toBe(byTime.totalSatang);
  });

  test("a plan of the household's own is billed like any other", { timeout: 30_000 }, async () => {
    const hub = await openHub(newFolder(), [], machineAt("2027-03-01T10:00").world);
    const uses = useOf(february);
    await publishUse(hub, "meter_main", uses);
    const dormitory = {
      ...{ id: "dormitory", currency: "THB", timeZone: bangkok, changes: "day", sources: ["the contract"] },
      name: { en: "=Dormitory", th: "หอพัก" },
      rounding: { mode: "half-up", lines: "each" },
      versions: [{ from: "2020-01-01", energy: { all: "8" }, fixed: [{ key: "room", amount: "50", per: "cycle" }] }],
    };
    const own = { tariffs: [dormitory], labels: { room: { en: "=1+1", th: "ค่าห้อง" } } };
    expect((await setTariff(hub, settings([span("dormitory")], { own }))).status).toBe(200);
    expect((await hub.get<api.TariffAnswer>("/api/tariff")).settings.own).toEqual(own);
    const { bill } = await hub.get<api.PastBill>("/api/bills/2027-02-01");
    const wh = uses.reduce((sum, { importWh }) => sum + importWh, 0);
    expect(bill.totalSatang).toBe(Math.round((wh * 8) / 10) + 50_00);
    expect(await (await fetch(`${hub.url}/api/bills/2027-02-01.csv`)).text()).toContain(",'=1+1,");
    const plans = await hub.get<api.Plan[]>("/api/tariffs");
    expect(plans.find(({ id }) => id === "dormitory")?.isOwn).toBe(true);
    expect(plans.find(({ id }) => id === "TH-1.3-LV")).toMatchObject({ isOwn: false, customer: "home" });
  });
});

describe("energy that is given out", () => {
  test("waits for the next bill where the plan says so, from one final bill to the next", {
    timeout: 30_000,
  }, async () => {
    const hub = await openHub(newFolder(), [], machineAt("2027-04-03T10:00").world);
    const client = await hub.client();
    const cycle: Cycle = { start: "2027-02-01", end: "2027-04-01" };
    const { startMs, endMs } = windowOf(cycle, bangkok);
    const marchMs = windowOf(february, bangkok).endMs;
    let [importWh, exportWh] = [0, 0];
    for (let timeMs = startMs; timeMs <= endMs; timeMs += quarterMs) {
      const energy = { total_kwh: importWh / 1000, export_total_kwh: exportWh / 1000 };
      const message = JSON.stringify({ timestamp: new Date(timeMs).toISOString(), data: { energy } });
      await client.publishAsync("home/home/device/meter_main/telemetry", message, { qos: timeMs === endMs ? 1 : 0 });
      // In February twice as much is given out as taken in, in March nothing.
      importWh += 100;
      if (timeMs < marchMs) exportWh += 200;
    }
    const net = {
      ...{ id: "net", currency: "THB", timeZone: bangkok, changes: "day", sources: ["made up"] },
      name: { en: "Net", th: "หักลบหน่วย" },
      rounding: { mode: "half-up", lines: "each" },
      versions: [{ from: "2020-01-01", energy: { all: "4" }, export: { mode: "net", surplus: "carry" } }],
    };
    await setTariff(hub, settings([span("net")], { own: { tariffs: [net] } }));
    const { bills } = await hub.get<api.Bills>("/api/bills");
    const marchKwh = 31 * 9.6 - 28 * 9.6;
    expect(bills.map(({ state, billedKwh, totalSatang }) => [state, Number(billedKwh), totalSatang])).toEqual([
      ["final", Number(marchKwh.toFixed(6)), Math.round(marchKwh * 400)],
      ["final", 0, 0],
    ]);
  });
});

describe("homes elsewhere", () => {
  test("have a month whose clocks change, billed by its true quarter hours", { timeout: 30_000 }, async () => {
    const london = "Europe/London";
    const flags = ["--time-zone", london, "--currency", "GBP"];
    const hub = await openHub(newFolder(), flags, machineAt("2027-04-01T10:00", london).world);
    expect((await setTariff(hub, settings([span("GB-economy-7")]))).status).toBe(200);
    const march: Cycle = { start: "2027-03-01", end: "2027-04-01" };
    const uses = useOf(march, london);
    expect(uses).toHaveLength(31 * 96 - 4);
    await publishUse(hub, "meter_main", uses);
    const { bill } = await hub.get<api.PastBill>("/api/bills/2027-03-01");
    const expected = expectedBill("GB-economy-7", march, uses, { timeZone: london });
    expect(amounts(bill.lines)).toEqual(amounts(expected.lines));
    expect(bill.measured).toMatchObject({ quarters: 31 * 96 - 4, missingQuarters: 0 });
    expect(bill.currency).toBe("GBP");
  });

  test("begin with one price for every unit", async () => {
    const flags = ["--time-zone", "Europe/Berlin", "--currency", "EUR", "--price-per-kwh", "0.31"];
    const hub = await openHub(newFolder(), flags, machineAt("2027-04-01T10:00", "Europe/Berlin").world);
    const { settings: found } = await hub.get<api.TariffAnswer>("/api/tariff");
    expect(found.plans[0]?.plan).toBe("home-price");
    expect((await hub.get<api.BillNow>("/api/bill")).now.satangPerKwh).toBe(31);
    await setTariff(hub, settings([span("home-price", { startDay: 31 })], { flatPrice: "0.4" }));
    expect((await hub.get<api.BillNow>("/api/bill")).now.satangPerKwh).toBe(40);
    expect((await hub.get<api.TariffAnswer>("/api/tariff")).cycle).toEqual({ start: "2027-03-31", end: "2027-04-30" });
  });
});

describe("what cannot be billed", () => {
  test("is refused with a hint, and leaves the settings as they are", async () => {
    const hub = await openHub(newFolder(), [], machineAt("2027-03-01T10:00").world);
    const before = await hub.get<api.TariffAnswer>("/api/tariff");
    const own = (tariff: object) => ({ own: { tariffs: [tariff] } });
    const refused: [unknown, RegExp, RegExp][] = [
      [settings([span("TH-9")]), /no plan "TH-9"/, /The plans are .*TH-1.2/],
      [settings([span("DE-flat-feed-in")]), /is in EUR/, /currency/],
      [settings([span("NO-spot")]), /other prices each hour/, /Choose a plan/],
      [settings([span("TH-1.2", { from: "2026-01-01" })]), /begins on a date/, /from is null/],
      [settings([span("TH-1.2"), span("TH-1.1", { from: "2026-02-30" })]), /is no date/, /Write it as/],
      [settings([span("TH-1.2"), span("TH-1.1")]), /is no date/, /Write it as/],
      [
        settings([span("TH-1.2"), span("TH-1.1", { from: "2026-02-01" }), span("TH-1.2", { from: "2026-01-01" })]),
        ...([/not later/, /Sort/] as const),
      ],
      [settings([span("TH-1.2", { entitlements: ["free_50"] })]), /no right free_50/, /knows none/],
      [settings([span("TH-1.2")], { adjustments: { "2026-01": { fx: "1" } } }), /adjustment fx/, /They have ft/],
      [settings([span("TH-1.2", { startDay: 32 })]), /startDay/, /Correct the request/],
      [settings([span("TH-1.2")], { adjustments: { "2026-13": { ft: "1" } } }), /adjustments/, /Correct the request/],
      [settings([span("TH-1.2")], own({ id: "x" })), /The own tariff is no tariff file/, /README/],
      [settings([]), /plans/, /Correct the request/],
    ];
    for (const [body, message, hint] of refused) {
      const answer = await setTariff(hub, body);
      expect([answer.status, answer.body.code]).toEqual([400, "BAD_REQUEST"]);
      expect(answer.body.message).toMatch(message);
      expect(answer.body.hint).toMatch(hint);
    }
    expect(await hub.get<api.TariffAnswer>("/api/tariff")).toEqual(before);
  });

  test("is no cycle of the home, or one that is not over", async () => {
    const hub = await openHub(newFolder(), [], machineAt("2027-03-01T10:00").world);
    const none = await fetch(`${hub.url}/api/bills/2027-02-02`);
    expect(none.status).toBe(404);
    expect(await none.json()).toMatchObject({ code: "NOT_FOUND", hint: expect.stringContaining("GET /api/bills") });
    const early = await send<ApiError>(hub, "POST", "/api/bills/2027-03-01/recompute");
    expect([early.status, early.body.message]).toEqual([400, "The cycle from 2027-03-01 is not over"]);
    const unknown = await fetch(`${hub.url}/api/bill/compare?plans=TH-9`);
    expect([unknown.status, ((await unknown.json()) as ApiError).code]).toEqual([400, "BAD_REQUEST"]);
  });

  test("is told beside the bills that could be made", { timeout: 30_000 }, async () => {
    const hub = await openHub(newFolder(), [], machineAt("2027-03-01T10:00").world);
    const december: Cycle = { start: "2018-12-01", end: "2018-12-03" };
    await publishUse(hub, "meter_main", [...useOf(december), ...useOf({ start: "2027-02-27", end: "2027-03-01" })]);
    const { bills, problems } = await hub.get<api.Bills>("/api/bills");
    expect(problems.map(({ cycle }) => cycle.start)).toEqual(["2018-12-01"]);
    expect(problems[0]).toMatchObject({ message: expect.stringMatching(/no prices|No ft/) });
    expect(bills[0]?.cycle.start).toBe("2027-02-01");
  });
});
