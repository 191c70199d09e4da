import { describe, expect, test } from "vitest";
import { loadTariffs } from "../../tariffs/load.ts";
import { quarterMs } from "../energy/calendar.ts";
import { findTariff } from "./book.ts";
import { holidaysOf } from "./holidays.ts";
import { createPeriodClock } from "./schedule.ts";

const book = loadTariffs();

/** The period of each local time, "2026-02-06T09:00", in a tariff's own zone. */
function periodAt(tariffId: string, local: string): string | undefined {
  const tariff = findTariff(book, tariffId);
  const clock = createPeriodClock(tariff, tariff.timeZone);
  const time = Temporal.PlainDateTime.from(local).toZonedDateTime(tariff.timeZone);
  return clock.periods[clock.at(time.epochMilliseconds)];
}

/** Quarter hours of each period on a local date. */
function countOn(tariffId: string, date: string, timeZone: string): Record<string, number> {
  const clock = createPeriodClock(findTariff(book, tariffId), timeZone);
  const midnight = (day: Temporal.PlainDate) => day.toZonedDateTime(timeZone).epochMilliseconds;
  const day = Temporal.PlainDate.from(date);
  const counts: Record<string, number> = {};
  for (let timeMs = midnight(day); timeMs < midnight(day.add({ days: 1 })); timeMs += quarterMs) {
    const period = clock.periods[clock.at(timeMs)] as string;
    counts[period] = (counts[period] ?? 0) + 1;
  }
  return counts;
}

describe("Thai times of use", () => {
  test("are peak from 09:00 to 22:00 on working days", () => {
    expect(periodAt("TH-1.3-LV", "2026-02-06T08:45")).toBe("off_peak");
    expect(periodAt("TH-1.3-LV", "2026-02-06T09:00")).toBe("peak");
    expect(periodAt("TH-1.3-LV", "2026-02-06T21:45")).toBe("peak");
    expect(periodAt("TH-1.3-LV", "2026-02-06T22:00")).toBe("off_peak");
    expect(periodAt("TH-1.3-LV", "2026-02-07T12:00")).toBe("off_peak");
  });

  test("are off-peak on official holidays and Labour Day", () => {
    for (const date of ["2024-05-22", "2025-05-01", "2025-07-11", "2026-03-03", "2026-07-29", "2027-05-20"]) {
      expect(countOn("TH-1.3-LV", date, "Asia/Bangkok")).toEqual({ off_peak: 96 });
    }
  });

  test("stay peak on substitute days, on Royal Ploughing Day and on holidays added within the year", () => {
    // 2025-05-12 for Visakha Bucha on a Sunday; 2026-05-13 Royal Ploughing; 2023-07-31 and 2025-06-02 added by the cabinet.
    for (const date of ["2025-05-12", "2026-05-13", "2023-07-31", "2025-06-02"]) {
      expect(countOn("TH-1.3-LV", date, "Asia/Bangkok")).toEqual({ off_peak: 44, peak: 52 });
    }
  });

  test("have 19 holidays a year, when no two fall on one day", () => {
    const calendar = findTariff(book, "TH-1.3-LV").holidayCalendar!;
    expect([2023, 2024, 2025, 2026, 2027].map((year) => holidaysOf(calendar, year).size)).toEqual([18, 19, 19, 19, 19]);
  });
});

describe("times of use elsewhere", () => {
  test("follow the meter's own clock: Economy 7 is an hour later in summer", () => {
    expect(periodAt("GB-economy-7", "2026-01-15T07:15")).toBe("night");
    expect(periodAt("GB-economy-7", "2026-07-15T00:45")).toBe("day");
    expect(periodAt("GB-economy-7", "2026-07-15T08:15")).toBe("night");
  });

  test("change with the season, and with days that are kept on the nearest workday", () => {
    expect(periodAt("net-metering", "2026-05-29T17:00")).toBe("shoulder");
    expect(periodAt("net-metering", "2026-06-01T17:00")).toBe("peak");
    expect(periodAt("net-metering", "2026-07-03T17:00")).toBe("off_peak"); // for Saturday the 4th
    expect(periodAt("net-metering", "2026-09-07T17:00")).toBe("off_peak");
    expect(periodAt("net-metering", "2026-11-26T17:00")).toBe("off_peak");
    expect(periodAt("net-metering", "2026-05-25T17:00")).toBe("off_peak");
  });

  test("count 23 and 25 hours on days of changing clocks", () => {
    expect(countOn("TH-1.3-LV", "2026-03-29", "Europe/London")).toEqual({ off_peak: 92 });
    expect(countOn("NO-spot", "2026-03-29", "Europe/Oslo")).toEqual({ night: 92 });
    expect(countOn("NO-spot", "2026-10-25", "Europe/Oslo")).toEqual({ night: 100 });
    // Egypt's clocks change on a Friday (24 April 2026) at midnight, and on a Thursday night (29 October 2026).
    expect(countOn("NO-spot", "2026-04-24", "Africa/Cairo")).toEqual({ night: 28, day: 64 });
    expect(countOn("NO-spot", "2026-10-29", "Africa/Cairo")).toEqual({ night: 36, day: 64 });
  });

  test.each([
    "Asia/Bangkok",
    "Europe/London",
    "America/New_York",
    "America/St_Johns",
    "America/Santiago",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "Pacific/Chatham",
    "Pacific/Apia",
  ])("give each working day of a year 52 peak quarters in %s", (timeZone) => {
    let date = Temporal.PlainDate.from("2025-01-01");
    for (let peak = 0; date.year === 2025; date = date.add({ days: 1 })) {
      peak = countOn("TH-1.3-LV", date.toString(), timeZone).peak ?? 0;
      expect([0, 52]).toContain(peak);
    }
  });
});

describe("holidays", () => {
  const name = { en: "", th: "" };
  const calendar = (
    substitute: "none" | "next_workday" | "sunday_to_next_workday" | "nearest_workday",
    day: string,
  ) => ({
    substitute,
    fromYear: 2000,
    toYear: 2100,
    sources: [""],
    days: [{ day, name }],
  });

  test("that fall on a weekend give the next day as their rule says", () => {
    // 4 July 2026 is a Saturday, 5 July a Sunday.
    const of = (rule: Parameters<typeof calendar>[0], day: string) => [...holidaysOf(calendar(rule, day), 2026)];
    expect(of("none", "07-04")).toEqual(["2026-07-04"]);
    expect(of("next_workday", "07-04")).toEqual(["2026-07-04", "2026-07-06"]);
    expect(of("sunday_to_next_workday", "07-04")).toEqual(["2026-07-04"]);
    expect(of("sunday_to_next_workday", "07-05")).toEqual(["2026-07-05", "2026-07-06"]);
    expect(of("nearest_workday", "07-04")).toEqual(["2026-07-04", "2026-07-03"]);
    expect(of("nearest_workday", "07-05")).toEqual(["2026-07-05", "2026-07-06"]);
  });

  test("of the next year may be kept in this one", () => {
    // 1 January 2028 is a Saturday.
    expect([...holidaysOf(calendar("nearest_workday", "01-01"), 2027)]).toEqual(["2027-01-01", "2027-12-31"]);
  });

  test("of two days on one weekend give two workdays", () => {
    const both = {
      ...calendar("next_workday", "12-25"),
      days: [
        { day: "12-25", name },
        { day: "12-26", name },
      ],
    };
    expect([...holidaysOf(both, 2027)]).toEqual(["2027-12-25", "2027-12-26", "2027-12-27", "2027-12-28"]);
  });

  test("move with Easter", () => {
    const easter = {
      ...calendar("none", "01-01"),
      days: [
        { easter: 0, name },
        { easter: -2, name },
      ],
    };
    const sundays = [2000, 2011, 2019, 2024, 2025, 2026, 2038].map((year) => [...holidaysOf(easter, year)][0]);
    expect(sundays).toEqual([
      "2000-04-23",
      "2011-04-24",
      "2019-04-21",
      "2024-03-31",
      "2025-04-20",
      "2026-04-05",
      "2038-04-25",
    ]);
  });
});
