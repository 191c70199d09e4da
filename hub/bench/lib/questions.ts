/** The questions that the app asks of a year of history, in words that every system can answer. */
import { Agent, get } from "node:http";
import type { Fleet } from "./fleet.ts";
import { BenchError } from "./processes.ts";

/** A home: some channels with a year of minutes, one with a day of seconds, and twenty meters of today. */
export interface Home {
  year: Fleet;
  seconds: Fleet;
  today: Fleet;
  /** The end of all of it, a whole minute. */
  endMs: number;
  dayStartMs: number;
}

/** The mean power of one meter in steps over a range, which may be moved back to ask for something else each time. */
export interface RangeQuestion {
  meter: string;
  fromMs: number;
  toMs: number;
  stepMs: number;
  step: "points" | "hour" | "day";
}

/** Asks one system. */
export interface Asker {
  name: string;
  /** Mean powers in W, in the order of time. */
  range(question: RangeQuestion): Promise<number[]>;
  /** Energies in Wh of the ten meters that used most today, in any order. */
  top(home: Home): Promise<number[]>;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** How many points the app draws of a day of seconds. */
const points = 1_000;

/** The home as it would be now, with fewer channels for a first look. */
export function createHome(isQuick: boolean): Home {
  const endMs = Math.floor(Date.now() / minuteMs) * minuteMs;
  const dayStartMs = Math.floor(endMs / dayMs) * dayMs;
  const power = { form: "power", jitterMs: 0 } as const;
  const yearMessages = 365 * 24 * 60;
  // Just after midnight there is hardly a today.
  const todayMessages = Math.max(2, (endMs - dayStartMs) / minuteMs);
  return {
    ...{ endMs, dayStartMs },
    year: {
      ...{ ...power, name: "year", meters: isQuick ? 1 : 4, messages: yearMessages },
      ...{ startMs: endMs - yearMessages * minuteMs, spacingMs: minuteMs },
    },
    seconds: { ...power, name: "seconds", meters: 1, messages: 86_400, startMs: endMs - dayMs, spacingMs: 1_000 },
    today: {
      ...{ ...power, name: "today", meters: 20, messages: todayMessages },
      ...{ startMs: endMs - todayMessages * minuteMs, spacingMs: minuteMs },
    },
  };
}

/** Each range question; `back` moves its range by so many steps, within the year. */
export const rangeQuestions: Record<string, (home: Home, back: number) => RangeQuestion> = {
  query_day_1000_points: ({ endMs }, back) => {
    const stepMs = dayMs / points;
    const toMs = endMs - back * minuteMs;
    return { meter: "seconds_00", fromMs: toMs - dayMs, toMs, stepMs, step: "points" };
  },
  query_month_by_hour: ({ endMs }, back) => {
    const toMs = Math.floor(endMs / hourMs - back) * hourMs;
    return { meter: "year_00", fromMs: toMs - 30 * dayMs, toMs, stepMs: hourMs, step: "hour" };
  },
  query_year_by_day: ({ endMs }, back) => {
    const toMs = Math.floor(endMs / dayMs - back) * dayMs;
    return { meter: "year_00", fromMs: toMs - 330 * dayMs, toMs, stepMs: dayMs, step: "day" };
  },
};

const agent = new Agent({ keepAlive: true });

/** An answer as JSON over a connection that stays open, as an app's does; throws BenchError when it is none. */
export function getJson<T>(url: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      const text = Buffer.concat(chunks).toString("utf8");
      if (response.statusCode === 200) resolve(JSON.parse(text) as T);
      else reject(new BenchError(`${url} answered ${response.statusCode}: ${text.slice(0, 300)}`));
    });
    request.on("error", reject);
  });
}
