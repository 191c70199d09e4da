import { expect, test } from "vitest";
import { createCalendar } from "./calendar.ts";

const hourMs = 3_600_000;

test("a local day begins at local midnight", () => {
  const bangkok = createCalendar("Asia/Bangkok");
  const day = bangkok.dayOf(Date.parse("2026-02-06T17:00:00Z"));
  expect(bangkok.startMs(day)).toBe(Date.parse("2026-02-07T00:00:00+07:00"));
  expect(bangkok.dayOf(Date.parse("2026-02-06T16:59:59.999Z"))).toBe(day - 1);
  expect(bangkok.weekday(day)).toBe(6);
  expect(bangkok.startMs(bangkok.monthStart(day))).toBe(Date.parse("2026-02-01T00:00:00+07:00"));
});

test("clock times hold on days of 23 and 25 hours", () => {
  const berlin = createCalendar("Europe/Berlin");
  const spring = berlin.dayOf(Date.parse("2026-03-29T10:00:00Z"));
  expect(berlin.startMs(spring + 1) - berlin.startMs(spring)).toBe(23 * hourMs);
  expect(berlin.atMs(spring, 20)).toBe(Date.parse("2026-03-29T20:00:00+02:00"));
  expect(berlin.atMs(spring, 1)).toBe(Date.parse("2026-03-29T01:00:00+01:00"));
  const autumn = berlin.dayOf(Date.parse("2026-10-25T10:00:00Z"));
  expect(berlin.startMs(autumn + 1) - berlin.startMs(autumn)).toBe(25 * hourMs);
  expect(berlin.atMs(autumn, 20)).toBe(Date.parse("2026-10-25T20:00:00+01:00"));
  expect(berlin.atMs(autumn, 30)).toBe(Date.parse("2026-10-26T06:00:00+01:00"));
});

test("local text carries the offset, also a negative one with minutes", () => {
  const timeMs = Date.parse("2026-07-06T12:00:05Z");
  expect(createCalendar("Asia/Bangkok").localText(timeMs)).toBe("2026-07-06T19:00:05+07:00");
  expect(createCalendar("America/St_Johns").localText(timeMs)).toBe("2026-07-06T09:30:05-02:30");
});
