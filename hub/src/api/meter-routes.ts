/** Routes of meters, their channels and their history. */
import { quantities } from "@faiban/device-drivers";
import { Type } from "typebox";
import type { Calendar } from "../energy/calendar.ts";
import { HubError } from "../errors.ts";
import type * as model from "../model.ts";
import { ApiError, Channel, History, LatestReading, Meter, Role } from "./contract.ts";
import { allColumns, type Column, channelHistory, type HistorySource } from "./history.ts";
import { type Api, rangeQuery } from "./home-routes.ts";

export interface MeterRoutes {
  meters(): Meter[];
  findMeter(id: string): model.Meter | undefined;
  findChannel(id: string): model.Channel | undefined;
  meterView(meter: model.Meter): Meter;
  /** Stores what was changed on a meter or one of its channels, and tells the app. */
  saveMeter(meter: model.Meter, channel?: model.Channel): void;
  removeMeter(meter: model.Meter): void;
  history: HistorySource;
  calendar: Calendar;
}

const Name = Type.String({ minLength: 1, maxLength: 64, pattern: "\\S" });
const MeterParams = Type.Object({ meterId: Type.String() });
const Latest = Type.Object({
  channelId: Type.String(),
  meterId: Type.String(),
  name: Type.String(),
  readings: Type.Array(LatestReading),
});
/** What `aggregate` may name; `energy` is the three energy columns. */
const aggregates = ["mean", "min", "max", "count", "energy"] as const;
const HistoryQuery = Type.Object({
  channel: Type.String({ description: "Channel id, or a meter's id for its only channel" }),
  quantity: Type.Optional(
    Type.String({ description: `power_active when absent; one of ${Object.keys(quantities).join(", ")}` }),
  ),
  phase: Type.Optional(
    Type.String({ pattern: "^(L[123]|N)$", description: "L1, L2, L3 or N; absent is the sum or mean of all" }),
  ),
  aggregate: Type.Optional(Type.String({ description: `Some of ${aggregates.join(",")}; all when absent` })),
  ...rangeQuery,
});

export function addMeterRoutes(api: Api, options: MeterRoutes): void {
  const errors = { 400: ApiError, 404: ApiError };
  api.get(
    "/api/meters",
    {
      config: { access: "meters.view" },
      schema: { summary: "All meters", tags: ["meters"], response: { 200: Type.Array(Meter) } },
    },
    () => options.meters(),
  );
  api.get(
    "/api/meters/:meterId",
    {
      config: { access: "meters.view" },
      schema: { summary: "One meter", tags: ["meters"], params: MeterParams, response: { 200: Meter, ...errors } },
    },
    ({ params }) => options.meterView(meterOf(options, params.meterId)),
  );
  api.patch(
    "/api/meters/:meterId",
    {
      config: { access: "meters.manage", audit: "meter.rename" },
      schema: {
        summary: "Rename a meter",
        tags: ["meters"],
        params: MeterParams,
        body: Type.Object({ name: Name }, { additionalProperties: false }),
        response: { 200: Meter, ...errors },
      },
    },
    ({ params, body }) => {
      const meter = meterOf(options, params.meterId);
      meter.name = cleanName(body.name);
      meter.isNamedByUser = true;
      options.saveMeter(meter);
      return options.meterView(meter);
    },
  );
  api.delete(
    "/api/meters/:meterId",
    {
      config: { access: "meters.manage", audit: "meter.remove" },
      schema: {
        summary: "Remove a meter with all its readings; it comes back if it sends again",
        tags: ["meters"],
        params: MeterParams,
        response: { 204: Type.Null(), ...errors },
      },
    },
    async ({ params }, reply) => {
      options.removeMeter(meterOf(options, params.meterId));
      return reply.code(204).send(null);
    },
  );
  api.get(
    "/api/channels",
    {
      config: { access: "meters.view" },
      schema: { summary: "All channels of all meters", tags: ["channels"], response: { 200: Type.Array(Channel) } },
    },
    () => options.meters().flatMap((meter) => meter.channels),
  );
  api.patch(
    "/api/channels/:channelId",
    {
      config: { access: "meters.manage", audit: "channel.change" },
      schema: {
        summary: "Rename a channel, or say what it measures",
        tags: ["channels"],
        params: Type.Object({ channelId: Type.String({ description: "URL-encoded" }) }),
        body: Type.Object({ name: Type.Optional(Name), role: Type.Optional(Role) }, { additionalProperties: false }),
        response: { 200: Meter, ...errors },
      },
    },
    ({ params, body }) => {
      const channel = channelOf(options, params.channelId);
      const meter = meterOf(options, channel.meterId);
      if (body.name !== undefined) Object.assign(channel, { name: cleanName(body.name), isNamedByUser: true });
      if (body.role !== undefined) Object.assign(channel, { role: body.role, isRoleByUser: true });
      options.saveMeter(meter, channel);
      return options.meterView(meter);
    },
  );
  api.get(
    "/api/latest",
    {
      config: { access: "meters.view" },
      schema: {
        summary: "The latest readings of all channels",
        tags: ["channels"],
        response: { 200: Type.Array(Latest) },
      },
    },
    () =>
      options
        .meters()
        .flatMap((meter) => meter.channels)
        .map(({ id, meterId, name, readings }) => ({ channelId: id, meterId, name, readings })),
  );
  api.get(
    "/api/history",
    {
      config: { access: "home.view" },
      schema: {
        summary: "A channel's readings and energy over a range",
        tags: ["history"],
        querystring: HistoryQuery,
        response: { 200: History, ...errors },
      },
    },
    ({ query }, reply) => {
      reply.serializer(JSON.stringify); // the schema's own checks each number against its type, at ten times the cost
      return channelHistory(
        options.history,
        channelOf(options, query.channel),
        {
          quantity: quantityOf(query.quantity ?? "power_active"),
          phase: query.phase ?? null,
          fromMs: query.from,
          toMs: query.to,
          step: query.step ?? "auto",
          points: query.points ?? null,
          columns: columnsOf(query.aggregate),
        },
        options.calendar,
      );
    },
  );
}

function meterOf(options: MeterRoutes, id: string): model.Meter {
  const meter = options.findMeter(id);
  if (meter) return meter;
  throw new HubError("NOT_FOUND", `There is no meter "${id}"`, "GET /api/meters lists all.");
}

/** The channel of that id, or a meter's only one. Throws HubError NOT_FOUND. */
export function channelOf(options: Pick<MeterRoutes, "findMeter" | "findChannel">, id: string): model.Channel {
  const meter = options.findMeter(id);
  const channel = meter?.channels.size === 1 ? meter.channels.values().next().value : options.findChannel(id);
  if (channel) return channel;
  throw new HubError("NOT_FOUND", `There is no channel "${id}"`, "GET /api/channels lists all.");
}

/** A name as people can read it; throws HubError when nothing is left of it. */
function cleanName(name: string): string {
  const clean = name.replace(/\p{C}/gu, "").trim();
  if (clean !== "") return clean;
  throw new HubError("BAD_REQUEST", "The name has no characters that can be seen", "Send 1 to 64 letters or digits.");
}

/** Throws HubError BAD_REQUEST when there is no such quantity. */
export function quantityOf(quantity: string): string {
  if (Object.hasOwn(quantities, quantity)) return quantity;
  const known = Object.keys(quantities).join(", ");
  throw new HubError("BAD_REQUEST", `There is no quantity "${quantity}"`, `Use one of ${known}.`);
}

function columnsOf(aggregate: string | undefined): readonly Column[] {
  if (aggregate === undefined) return allColumns;
  return aggregate.split(",").flatMap((name): Column[] => {
    if (name === "energy") return ["importWh", "exportWh", "estimatedWh"];
    const column = allColumns.find((one) => one === name);
    if (column) return [column];
    throw new HubError("BAD_REQUEST", `There is no aggregate "${name}"`, `Use some of ${aggregates.join(", ")}.`);
  });
}
