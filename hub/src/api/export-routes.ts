/** Exports: raw readings as a table, streamed, whatever the range. */
import { Readable } from "node:stream";
import { Type } from "typebox";
import type { Readings } from "../energy/readings.ts";
import { HubError } from "../errors.ts";
import type * as model from "../model.ts";
import { unitOf } from "../model.ts";
import { ApiError } from "./contract.ts";
import { measuredSeries } from "./history.ts";
import { type Api, rangeQuery } from "./home-routes.ts";
import { channelOf, quantityOf } from "./meter-routes.ts";

export interface ExportRoutes {
  findMeter(id: string): model.Meter | undefined;
  findChannel(id: string): model.Channel | undefined;
  /** Readings of a range of any length, in parts in order of time. */
  exportReadings(series: model.Series, fromMs: number, toMs: number): AsyncIterable<Readings>;
}

export function addExportRoutes(api: Api, options: ExportRoutes): void {
  api.get(
    "/api/export/readings.csv",
    {
      config: { access: "home.view", audit: "readings.export" },
      schema: {
        summary: "A channel's raw readings as CSV, streamed: times in UTC (ISO 8601), values in the quantity's unit",
        tags: ["history"],
        produces: ["text/csv"],
        querystring: Type.Object({
          channel: Type.String({ description: "Channel id, or a meter's id for its only channel" }),
          quantity: Type.Optional(Type.String({ description: "power_active when absent" })),
          phase: Type.Optional(Type.String({ pattern: "^(L[123]|N)$" })),
          from: rangeQuery.from,
          to: rangeQuery.to,
        }),
        response: { 200: Type.Unsafe<Readable>({ type: "string" }), 400: ApiError, 404: ApiError },
      },
    },
    async ({ query }, reply) => {
      const channel = channelOf(options, query.channel);
      const quantity = quantityOf(query.quantity ?? "power_active");
      const series = measuredSeries(channel, quantity, query.phase ?? null);
      if (!series) {
        throw new HubError("NOT_FOUND", `The channel has no ${quantity}`, "GET /api/latest lists what it measures.");
      }
      const name = `${channel.id.replaceAll("/", "-")}-${quantity}.csv`;
      return reply
        .type("text/csv; charset=utf-8")
        .header("content-disposition", `attachment; filename="${name}"`)
        .send(Readable.from(csvOf(series, options.exportReadings(series, query.from, query.to))));
    },
  );
}

async function* csvOf(series: model.Series, parts: AsyncIterable<Readings>): AsyncGenerator<string> {
  const unit = unitOf(series.quantity);
  yield `time,${series.quantity}${unit ? ` (${unit})` : ""}\r\n`;
  for await (const { times, values, length } of parts) {
    let lines = "";
    for (let at = 0; at < length; at++) lines += `${new Date(times[at]!).toISOString()},${values[at]}\r\n`;
    yield lines;
  }
}
