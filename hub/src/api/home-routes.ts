/** Routes of the home as a whole, and of the hub's own state. */

import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from "fastify";
import { Type } from "typebox";
import type { Calendar } from "../energy/calendar.ts";
import type { Channel } from "../model.ts";
import { ApiError, Health, History, Home, Rejection, Step, UnknownTopic } from "./contract.ts";
import { allColumns, type HistorySource, sumHistory } from "./history.ts";

export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

export interface HomeRoutes {
  health(): Health;
  home(): Home;
  /** The channels whose sum is the home's supply. */
  supplyChannels(): Channel[];
  rejections(): readonly Rejection[];
  unknownTopics(): UnknownTopic[];
  history: HistorySource;
  calendar: Calendar;
}

/** The year 2100: what is later is a mistake, and far enough from what a calendar can bear. */
const latestMs = Date.UTC(2100, 0, 1);

/** A range in time; the app asks for what it shows. */
export const rangeQuery = {
  from: Type.Number({ minimum: 0, maximum: latestMs, description: "Epoch milliseconds, UTC" }),
  to: Type.Number({ minimum: 0, maximum: latestMs, description: "Epoch milliseconds, UTC; not part of the range" }),
  step: Type.Optional(Step),
  points: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 20_000,
      description: "At most so many rows, of equal spans with mean, min and max: as many as a chart has pixels",
    }),
  ),
};

export function addHomeRoutes(api: Api, options: HomeRoutes): void {
  api.get(
    "/api/health",
    {
      config: { access: "meters.view" },
      schema: { summary: "How the hub is", tags: ["hub"], response: { 200: Health } },
    },
    () => options.health(),
  );
  api.get(
    "/api/home",
    {
      config: { access: "home.view" },
      schema: { summary: "The home now, today and this month", tags: ["home"], response: { 200: Home } },
    },
    () => options.home(),
  );
  api.get(
    "/api/home/history",
    {
      config: { access: "home.view" },
      schema: {
        summary: "The home's power from the grid and its energy",
        tags: ["home"],
        querystring: Type.Object(rangeQuery),
        response: { 200: History, 400: ApiError },
      },
    },
    ({ query: { from, to, step, points } }, reply) => {
      reply.serializer(JSON.stringify); // see /api/history
      return sumHistory(
        options.history,
        "home",
        options.supplyChannels(),
        {
          ...{ quantity: "power_active", phase: null, fromMs: from, toMs: to, step: step ?? "auto" },
          ...{ points: points ?? null, columns: allColumns },
        },
        options.calendar,
      );
    },
  );
  api.get(
    "/api/rejections",
    {
      config: { access: "meters.view" },
      schema: {
        summary: "The last messages that were refused, newest first",
        tags: ["hub"],
        response: { 200: Type.Array(Rejection) },
      },
    },
    () => options.rejections().toReversed(),
  );
  api.get(
    "/api/unknown-topics",
    {
      config: { access: "meters.view" },
      schema: {
        summary: "Messages that were not used, by pattern of topic, newest first",
        tags: ["hub"],
        response: { 200: Type.Array(UnknownTopic) },
      },
    },
    () => options.unknownTopics(),
  );
}
