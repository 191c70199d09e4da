import { describe, expect, test } from "vitest";
import { createCalendar, isTimeZone } from "./calendar.ts";

const hour = 3600_000;

describe("a calendar", () => {
  test("begins Bangkok's day at 17:00 UTC", () => {
    const day = createCalendar("Asia/Bangkok").spanAt("day", Date.UTC(2026, 1, 6, 14, 30));
    expect(new Date(day.startMs).toISOString()).toBe("2026-02-05T17:00:00.000Z");
    expect(day.endMs - day.startMs).toBe(24 * hour);
  });

  test("gives London's days of changing clocks 23 and 25 hours", () => {
    const calendar = createCalendar("Europe/London");
    const length = (timeMs: number) => {
      const day = calendar.spanAt("day", timeMs);
      return (day.endMs - day.startMs) / hour;
    };
    expect(length(Date.UTC(2026, 2, 29, 12))).toBe(23);
    expect(length(Date.UTC(2026, 9, 25, 12))).toBe(25);
    expect(length(Date.UTC(2026, 9, 26, 12))).toBe(24);
  });

  test("begins a day without midnight at its first instant", () => {
    // Santiago's clocks jumped from 24:00 to 01:00 on 8 September 2024.
    const day = createCalendar("America/Santiago").spanAt("day", Date.UTC(2024, 8, 8, 12));
    expect(new Date(day.startMs).toISOString()).toBe("2024-09-08T04:00:00.000Z");
    expect((day.endMs - day.startMs) / hour).toBe(23);
  });

  test("begins weeks on Monday, and months and years on their first", () => {
    const calendar = createCalendar("Asia/Bangkok");
    const start = (span: "week" | "month" | "year") =>
      new Date(calendar.spanAt(span, Date.UTC(2024, 1, 29, 20)).startMs + 7 * hour).toISOString().slice(0, 10);
    expect([start("week"), start("month"), start("year")]).toEqual(["2024-02-26", "2024-03-01", "2024-01-01"]);
  });

  test("begins hours on the local clock where the zone is half an hour off", () => {
    const start = createCalendar("Asia/Kolkata").hourStart(Date.UTC(2026, 0, 1, 10, 45));
    expect(new Date(start).toISOString()).toBe("2026-01-01T10:30:00.000Z");
  });

  test("begins an hour that a change of half an hour cuts with the change", () => {
    const calendar = createCalendar("Australia/Lord_Howe");
    const starts = [0, 29, 30, 59, 60, 90].map((minutes) => calendar.hourStart(Date.UTC(2026, 3, 4, 14, minutes)));
    for (const [index, start] of starts.entries()) {
      expect(start).toBeLessThanOrEqual(Date.UTC(2026, 3, 4, 14, [0, 29, 30, 59, 60, 90][index]));
      expect(start).toBeGreaterThanOrEqual(starts[index - 1] ?? 0);
    }
    // On 5 April 2026 at 02:00 (15:00 UTC the day before) it became 01:30.
    expect(new Date(calendar.hourStart(Date.UTC(2026, 3, 4, 15, 10))).toISOString()).toBe("2026-04-04T15:00:00.000Z");
    expect(new Date(calendar.hourStart(Date.UTC(2026, 3, 4, 15, 40))).toISOString()).toBe("2026-04-04T15:30:00.000Z");
  });

  test("knows which zones exist", () => {
    expect(isTimeZone("Asia/Bangkok")).toBe(true);
    expect(isTimeZone("Asia/Bangkock")).toBe(false);
    expect(() => createCalendar("Mars/Olympus")).toThrow(RangeError);
  });
});
