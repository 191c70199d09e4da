import { expect, test } from "vitest";
import { createHome, type Home, type Registers, sumOf } from "./home.ts";
import { loads, phases } from "./loads.ts";

const dayMs = 86_400_000;
const cellMs = 10_000;
const options = { seed: 1, timeZone: "Asia/Bangkok", sinceMs: Date.parse("2026-01-01T00:00:00+07:00") };

function spent(home: Home, fromMs: number, toMs: number) {
  const before = home.registersAt(fromMs);
  const after = home.registersAt(toMs);
  const loadsWh = loads.map(({ id }) => after.loadsWh[id] - before.loadsWh[id]);
  const less = (key: Exclude<keyof Registers, "loadsWh">) => after[key] - before[key];
  return {
    loadsWh,
    totalWh: loadsWh.reduce((sum, wh) => sum + wh),
    evWh: after.loadsWh.ev - before.loadsWh.ev,
    producedWh: less("producedWh"),
    importWh: less("importWh"),
    exportWh: less("exportWh"),
  };
}

test("the same seed and instant give the same watts, whatever was asked before", () => {
  const wanderer = createHome(options);
  const newcomer = createHome(options);
  const timeMs = Date.parse("2026-01-21T20:13:27+07:00");
  for (let day = 0; day < 6; day++) wanderer.at(options.sinceMs + day * 7 * dayMs);
  wanderer.registersAt(timeMs + 9 * dayMs);
  expect(wanderer.at(timeMs)).toEqual(newcomer.at(timeMs));
  expect(wanderer.registersAt(timeMs)).toEqual(newcomer.registersAt(timeMs));
});

test("another installation date changes the registers and nothing else", () => {
  const timeMs = Date.parse("2026-01-21T20:13:27+07:00");
  const later = createHome({ ...options, sinceMs: Date.parse("2026-01-14T11:00:00Z") });
  expect(later.at(timeMs)).toEqual(createHome(options).at(timeMs));
});

test("another seed is another household", () => {
  const timeMs = Date.parse("2026-01-21T20:13:27+07:00");
  expect(createHome({ ...options, seed: 2 }).at(timeMs).mainsW).not.toBe(createHome(options).at(timeMs).mainsW);
});

test("at every instant the parts sum to the mains, on each phase too", () => {
  const home = createHome(options);
  for (let i = 0; i < 3000; i++) {
    const moment = home.at(options.sinceMs + i * 299_000);
    const phasesW = phases.map((phase) => moment.supply.phases[phase].powerW);
    expect(moment.mainsW).toBe(sumOf(moment.loadsW) - moment.solarW);
    expect(phasesW.reduce((sum, watts) => sum + watts)).toBeCloseTo(moment.mainsW, 6);
    for (const phase of phases) {
      let wiredW = -moment.solarW / 3;
      for (const load of loads) if (load.phase === phase) wiredW += moment.loadsW[load.id];
      expect(moment.supply.phases[phase].powerW).toBeCloseTo(wiredW, 6);
    }
  }
});

test.each(["Asia/Bangkok", "Europe/Berlin", "America/St_Johns"])("every kWh of a month adds up in %s", (timeZone) => {
  // March of 2026 has a day of 23 hours in Berlin and St. John's.
  const home = createHome({ ...options, timeZone, sinceMs: Date.parse("2026-02-27T09:12:13Z") });
  for (let day = 0; day < 33; day++) {
    const midnightMs = home.calendar.startMs(home.calendar.dayOf(home.sinceMs) + day + 1);
    const { totalWh, producedWh, importWh, exportWh } = spent(home, home.sinceMs, midnightMs);
    expect(importWh - exportWh).toBeCloseTo(totalWh - producedWh, 3);
  }
});

test("each register is the integral of its own power", () => {
  const home = createHome({ ...options, timeZone: "Europe/Berlin" });
  // From inside one ten-second step to inside another, over the night when clocks go forward.
  const fromMs = Date.parse("2026-03-28T18:00:03Z");
  const toMs = Date.parse("2026-03-29T18:00:07.500Z");
  const integralWh = new Float64Array(loads.length);
  let [producedWh, importWh, exportWh] = [0, 0, 0];
  for (let timeMs = fromMs; timeMs < toMs; ) {
    const nextMs = Math.min(toMs, (Math.floor(timeMs / cellMs) + 1) * cellMs);
    const hours = (nextMs - timeMs) / 3_600_000;
    const { loadsW, solarW, mainsW } = home.baseAt(timeMs);
    loads.forEach(({ id }, i) => {
      integralWh[i]! += loadsW[id] * hours;
    });
    producedWh += solarW * hours;
    importWh += Math.max(0, mainsW) * hours;
    exportWh += Math.max(0, -mainsW) * hours;
    timeMs = nextMs;
  }
  const counted = spent(home, fromMs, toMs);
  counted.loadsWh.forEach((wh, i) => {
    expect(wh).toBeCloseTo(integralWh[i]!, 4);
  });
  expect(counted.producedWh).toBeCloseTo(producedWh, 4);
  expect(counted.importWh).toBeCloseTo(importWh, 4);
  expect(counted.exportWh).toBeCloseTo(exportWh, 4);
});

test("the wavering within ten seconds adds no energy and never turns the mains around", () => {
  const home = createHome(options);
  const noonMs = Date.parse("2026-01-09T07:00:00Z");
  for (let cell = 0; cell < 700; cell++) {
    const cellStartMs = noonMs + cell * cellMs;
    const base = home.baseAt(cellStartMs);
    let sumW = 0;
    for (let second = 0; second < 10; second++) {
      const { mainsW } = home.at(cellStartMs + second * 1000);
      sumW += mainsW;
      expect(mainsW * base.mainsW).toBeGreaterThanOrEqual(-1e-6);
    }
    expect(sumW / 10).toBeCloseTo(base.mainsW, 6);
  }
});

test("registers never run backwards and start at a used meter's count", () => {
  const home = createHome(options);
  let last = home.registersAt(options.sinceMs);
  expect(last.importWh).toBeGreaterThan(5e6);
  for (let i = 1; i < 2000; i++) {
    const next = home.registersAt(options.sinceMs + i * 1_234_567);
    for (const { id } of loads) expect(next.loadsWh[id]).toBeGreaterThanOrEqual(last.loadsWh[id]);
    expect(next.importWh).toBeGreaterThanOrEqual(last.importWh);
    expect(next.exportWh).toBeGreaterThanOrEqual(last.exportWh);
    expect(next.producedWh).toBeGreaterThanOrEqual(last.producedWh);
    last = next;
  }
  expect(() => home.registersAt(options.sinceMs - 2 * dayMs)).toThrow(RangeError);
});

test("half a year of days is a household's: 18 to 28 kWh on average, without the car", () => {
  const home = createHome(options);
  const firstDay = home.calendar.dayOf(options.sinceMs);
  const daysWh: number[] = [];
  let [evNights, producedWh] = [0, 0];
  for (let day = firstDay; day < firstDay + 182; day++) {
    const used = spent(home, home.calendar.startMs(day), home.calendar.startMs(day + 1));
    daysWh.push(used.totalWh - used.evWh);
    producedWh += used.producedWh;
    if (used.evWh > 1000) evNights += 1;
  }
  const mean = daysWh.reduce((sum, wh) => sum + wh) / daysWh.length;
  expect(mean).toBeGreaterThan(18_000);
  expect(mean).toBeLessThan(28_000);
  // The quietest day is one of a trip.
  expect(Math.min(...daysWh)).toBeGreaterThan(5_000);
  expect(Math.max(...daysWh)).toBeLessThan(40_000);
  expect(evNights).toBeGreaterThan(50);
  // 5 kWp in Bangkok yield about 1,400 kWh for each kWp and year.
  expect(producedWh / 5000).toBeGreaterThan(650);
  expect(producedWh / 5000).toBeLessThan(850);
});

test("watts, volts and amperes stay within what a house connection carries", () => {
  const home = createHome(options);
  const watts: number[] = [];
  const loadWatts: number[] = [];
  const volts: number[] = [];
  const amperes: number[] = [];
  for (let i = 0; i < 12_000; i++) {
    const moment = home.at(options.sinceMs + i * 171_000);
    watts.push(moment.mainsW);
    loadWatts.push(...Object.values(moment.loadsW));
    for (const phase of phases) {
      volts.push(moment.supply.phases[phase].voltageV);
      amperes.push(moment.supply.phases[phase].currentA);
    }
  }
  const highest = (values: number[]) => values.reduce((a, b) => Math.max(a, b));
  const lowest = (values: number[]) => values.reduce((a, b) => Math.min(a, b));
  expect(highest(watts)).toBeGreaterThan(8_000);
  expect(highest(watts)).toBeLessThan(20_000);
  // The inverter is one of 5 kW.
  expect(lowest(watts)).toBeGreaterThan(-5_000);
  expect(lowest(loadWatts)).toBe(0);
  expect(lowest(volts)).toBeGreaterThan(215);
  expect(highest(volts)).toBeLessThan(242);
  expect(highest(amperes)).toBeLessThan(63);
});

test("the roof makes nothing at night and most near noon", () => {
  const home = createHome(options);
  let [noonW, days] = [0, 0];
  for (let day = home.calendar.dayOf(options.sinceMs); days < 60; day++, days++) {
    for (const hour of [0, 2, 4, 5.2, 19.2, 21, 23.9])
      expect(home.baseAt(home.calendar.atMs(day, hour)).solarW).toBe(0);
    noonW += home.baseAt(home.calendar.atMs(day, 12.3)).solarW;
  }
  expect(noonW / days).toBeGreaterThan(2_000);
});

test("people sleep with the bedroom cooled and the car charges from half past ten", () => {
  const home = createHome(options);
  const firstDay = home.calendar.dayOf(Date.parse("2026-04-01T12:00:00+07:00"));
  let [cooledNights, chargingNights] = [0, 0];
  for (let day = firstDay; day < firstDay + 28; day++) {
    if (home.baseAt(home.calendar.atMs(day, 27)).loadsW.ac_bedroom > 100) cooledNights += 1;
    if (home.baseAt(home.calendar.atMs(day, 22.7)).loadsW.ev > 6_500) chargingNights += 1;
    expect(home.baseAt(home.calendar.atMs(day, 22.49)).loadsW.ev).toBeLessThan(5);
  }
  expect(cooledNights).toBeGreaterThan(20);
  expect(chargingNights).toBeGreaterThan(4);
});

test("nothing jumps at midnight: the day before and the day after meet", () => {
  const home = createHome(options);
  const firstDay = home.calendar.dayOf(options.sinceMs) + 90;
  for (let day = firstDay; day < firstDay + 20; day++) {
    const midnightMs = home.calendar.startMs(day);
    const before = home.baseAt(midnightMs - cellMs).loadsW;
    const after = home.baseAt(midnightMs).loadsW;
    for (const id of ["ac_bedroom", "ac_kids", "ev", "standby"] as const) {
      expect(Math.abs(after[id] - before[id])).toBeLessThan(120);
    }
  }
});
