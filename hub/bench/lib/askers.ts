/** The same questions in the words of each system. */
import type * as api from "../../src/api/contract.ts";
import type { HubProcess } from "./hub.ts";
import type { Database } from "./peers.ts";
import { type Asker, getJson, type RangeQuestion } from "./questions.ts";

const topCount = 10;

/** Asks the hub; `channels` has the channel ids by meter. */
export function askHub({ httpPort }: HubProcess, channels: ReadonlyMap<string, string>): Asker {
  const url = `http://127.0.0.1:${httpPort}/api`;
  return {
    name: "hub",
    async range({ meter, fromMs, toMs, step }) {
      const channel = channels.get(meter) ?? meter;
      const pace = step === "points" ? { points: "1000" } : { step };
      const query = { channel, from: `${fromMs}`, to: `${toMs}`, aggregate: "mean", ...pace };
      const { mean = [] } = await getJson<api.History>(`${url}/history?${new URLSearchParams(query)}`);
      return mean.filter((value) => value !== null);
    },
    async top() {
      const meters = await getJson<api.Meter[]>(`${url}/meters`);
      const energies = meters.flatMap(({ channels: parts }) => parts.map(({ today }) => today.importWh));
      return energies.toSorted((a, b) => b - a).slice(0, topCount);
    },
  };
}

/** Asks VictoriaMetrics in MetricsQL, with its default settings. */
export function askVictoria({ port }: Database): Asker {
  const url = `http://127.0.0.1:${port}/api/v1`;
  return {
    name: "victoria-metrics",
    async range({ meter, fromMs, toMs, stepMs }) {
      const step = `${stepMs}ms`;
      // A point covers the step before it, so the first is one step after the start.
      const [start, end] = [`${(fromMs + stepMs) / 1000}`, `${toMs / 1000}`];
      const query = `avg_over_time(meter_w{id="${meter}"}[${step}])`;
      const answer = await getJson<VictoriaAnswer>(
        `${url}/query_range?${new URLSearchParams({ query, start, end, step })}`,
      );
      return (answer.data.result[0]?.values ?? []).map(([, value]) => Number(value));
    },
    async top({ dayStartMs, endMs }) {
      const query = `topk(${topCount}, integrate(meter_w[${(endMs - dayStartMs) / 1000}s]))`;
      const time = `${endMs / 1000}`;
      const answer = await getJson<VictoriaAnswer>(`${url}/query?${new URLSearchParams({ query, time })}`);
      return answer.data.result.map(({ value }) => Number(value?.[1]) / 3_600);
    },
  };
}

interface VictoriaAnswer {
  data: { result: { values?: [timeS: number, value: string][]; value?: [timeS: number, value: string] }[] };
}

/** Asks InfluxDB in InfluxQL. */
export function askInflux({ port }: Database): Asker {
  const ask = (q: string) =>
    getJson<InfluxAnswer>(`http://127.0.0.1:${port}/query?${new URLSearchParams({ db: "bench", epoch: "ms", q })}`);
  const rowsOf = ({ results }: InfluxAnswer) => results[0]?.series?.[0]?.values ?? [];
  return {
    name: "influxdb",
    async range({ meter, fromMs, toMs, stepMs }: RangeQuestion) {
      const where = `"id"='${meter}' AND time >= ${fromMs}ms AND time < ${toMs}ms`;
      // Its durations are whole numbers.
      const pace = `time(${Math.round(stepMs)}ms) fill(none)`;
      const rows = rowsOf(await ask(`SELECT mean("w") FROM "meter" WHERE ${where} GROUP BY ${pace}`));
      return rows.map(([, mean]) => mean ?? 0);
    },
    async top({ dayStartMs, endMs }) {
      const where = `time >= ${dayStartMs}ms AND time < ${endMs}ms`;
      const energies = `SELECT integral("w", 1h) AS "wh" FROM "meter" WHERE ${where} GROUP BY "id"`;
      const rows = rowsOf(await ask(`SELECT top("wh", ${topCount}) FROM (${energies})`));
      return rows.map(([, wh]) => wh ?? 0);
    },
  };
}

interface InfluxAnswer {
  results: { series?: { values: [timeMs: number, value: number | null][] }[] }[];
}
