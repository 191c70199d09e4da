/** Bangkok's weather: hot in April, mild around New Year, thunder clouds from May to October. */

import type { Calendar } from "./calendar.ts";
import { seedFor, smooth } from "./random.ts";

export interface Weather {
  outdoorC(timeMs: number): number;
  /** Sunlight on the roof from 0 to 1, clouds included; 0 when the sun is down. */
  sunshine(timeMs: number): number;
  /** The sine of the sun's height; below 0 it is under the horizon. */
  sunHeight(timeMs: number): number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const latitude = (13.75 * Math.PI) / 180;
// Bangkok lies at 100.5° E but keeps the time of 105° E: the sun is highest 18 minutes after noon.
const solarNoonHour = 12.3;

/** Mean temperature of each month from January to December, from Bangkok's climate normals. */
const monthMeanC = [27.3, 28.6, 29.8, 30.9, 30.5, 29.8, 29.3, 29.1, 28.7, 28.5, 28.2, 26.9];
/** Share of a month's daylight that clouds take. */
const monthCloud = [0.22, 0.22, 0.25, 0.3, 0.45, 0.5, 0.52, 0.55, 0.58, 0.48, 0.3, 0.22];

export function createWeather(seed: number, calendar: Calendar): Weather {
  const heatSeed = seedFor(seed, "heat wave");
  const gustSeed = seedFor(seed, "air");
  const coverSeed = seedFor(seed, "cloud cover");
  const cloudSeed = seedFor(seed, "clouds");
  const edgeSeed = seedFor(seed, "cloud edges");
  let season = { startMs: 0, endMs: 0, standardMs: 0, dayOfYear: 1 };

  // The sun keeps to standard time, so the day's position comes from its own midnight, whatever the clocks do.
  function seasonAt(timeMs: number) {
    if (timeMs >= season.startMs && timeMs < season.endMs) return season;
    const day = calendar.dayOf(timeMs);
    const january = day - calendar.dayOfYear(day) + 1;
    const standardMs = january * dayMs - calendar.startMs(january);
    season = {
      startMs: calendar.startMs(day),
      endMs: calendar.startMs(day + 1),
      standardMs,
      dayOfYear: calendar.dayOfYear(day),
    };
    return season;
  }

  function clock(timeMs: number) {
    const { standardMs, dayOfYear } = seasonAt(timeMs);
    const hour = (((timeMs + standardMs) / hourMs) % 24) - solarNoonHour;
    return { hoursFromNoon: hour, dayOfYear: dayOfYear + (hour + solarNoonHour) / 24 };
  }

  function outdoorC(timeMs: number): number {
    const { hoursFromNoon, dayOfYear } = clock(timeMs);
    const mean = monthly(monthMeanC, dayOfYear) + 1.6 * smooth(heatSeed, timeMs / (3 * dayMs));
    // Warmest near 15:00, coolest before sunrise.
    const swing = 3.9 * Math.cos(((hoursFromNoon - 2.6) / 24) * 2 * Math.PI);
    return mean + swing + 0.5 * smooth(gustSeed, timeMs / hourMs);
  }

  function sunHeight(timeMs: number): number {
    const { hoursFromNoon, dayOfYear } = clock(timeMs);
    const declination = -0.4093 * Math.cos(((dayOfYear + 9) / 365.25) * 2 * Math.PI);
    const hourAngle = (hoursFromNoon / 24) * 2 * Math.PI;
    return (
      Math.sin(latitude) * Math.sin(declination) + Math.cos(latitude) * Math.cos(declination) * Math.cos(hourAngle)
    );
  }

  function sunshine(timeMs: number): number {
    const height = sunHeight(timeMs);
    if (height <= 0) return 0;
    const cover = monthly(monthCloud, seasonAt(timeMs).dayOfYear) + 0.3 * smooth(coverSeed, timeMs / dayMs);
    const sky = 0.75 * smooth(cloudSeed, timeMs / (0.6 * hourMs)) + 0.25 * smooth(edgeSeed, timeMs / 90_000);
    // A cloud lets through a quarter of the light; its edge takes a few minutes to pass.
    const shade = Math.min(1, Math.max(0, (cover * 2 - 1 - sky) * 2.5 + 0.5));
    // Longer way through the air when the sun is low.
    return height ** 1.15 * (1 - 0.75 * shade);
  }

  return { outdoorC, sunshine, sunHeight };
}

/** A yearly figure on one day, between the middles of two months. */
function monthly(figures: readonly number[], dayOfYear: number): number {
  const month = (dayOfYear - 15) / 30.44 + 12;
  const left = Math.floor(month);
  const a = figures[left % 12] ?? 0;
  const b = figures[(left + 1) % 12] ?? 0;
  return a + (b - a) * (month - left);
}
