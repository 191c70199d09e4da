/** Routes of commands to devices: switching, and what is under way. */
import { Type } from "typebox";
import { HubError } from "../errors.ts";
import type * as model from "../model.ts";
import { ApiError } from "./contract.ts";
import { Command, CommandRequest, type CommandValues, SwitchRequest } from "./control-contract.ts";
import { byWhom } from "./guard.ts";
import type { Api } from "./home-routes.ts";
import { channelOf, type MeterRoutes } from "./meter-routes.ts";

/** What a person may ask of a device. */
export type Wish =
  | { kind: "switch"; on: boolean }
  | { kind: "toggle" | "reboot" }
  | { kind: "config" | "calibrate"; values: CommandValues };

export interface ControlRoutes extends Pick<MeterRoutes, "findMeter" | "findChannel"> {
  control: {
    /** `channel` is null for what concerns the whole device. Throws HubError with nothing sent. */
    send(meter: model.Meter, channel: model.Channel | null, wish: Wish, by: ReturnType<typeof byWhom>): Command;
    /** The newest first; `meterId` null for all meters. */
    list(meterId: string | null): Command[];
    /** undefined: never given, or so long ago that it is forgotten. */
    get(id: string): Command | undefined;
  };
}

const errors = { 400: ApiError, 401: ApiError, 403: ApiError, 404: ApiError, 409: ApiError, 429: ApiError };
const accepted = { 202: Command, ...errors };
const tags = ["commands"];

export function addControlRoutes(api: Api, options: ControlRoutes): void {
  const { control } = options;
  api.post(
    "/api/channels/:channelId/switch",
    {
      config: { access: "switch" },
      schema: {
        summary: "Switch a relay; the answer comes before the device has confirmed it",
        tags,
        params: Type.Object({ channelId: Type.String({ description: "URL-encoded" }) }),
        body: SwitchRequest,
        response: accepted,
      },
    },
    async (request, reply) => {
      const { on } = request.body;
      const channel = channelOf(options, request.params.channelId);
      const wish: Wish = on === "toggle" ? { kind: "toggle" } : { kind: "switch", on };
      return reply.code(202).send(control.send(meterOf(options, channel.meterId), channel, wish, byWhom(request)));
    },
  );
  api.post(
    "/api/meters/:meterId/command",
    {
      config: { access: "meters.manage" },
      schema: {
        summary: "Restart, set up or calibrate a device",
        tags,
        params: Type.Object({ meterId: Type.String() }),
        body: CommandRequest,
        response: accepted,
      },
    },
    async (request, reply) => {
      const meter = meterOf(options, request.params.meterId);
      return reply.code(202).send(control.send(meter, null, wishOf(request.body), byWhom(request)));
    },
  );
  api.get(
    "/api/commands",
    {
      config: { access: "meters.view" },
      schema: {
        summary: "The last commands, newest first; the hub forgets them when it restarts",
        tags,
        querystring: Type.Object({ meter: Type.Optional(Type.String({ description: "Meter id; absent: all" })) }),
        response: { 200: Type.Array(Command), ...errors },
      },
    },
    ({ query }) => control.list(query.meter ?? null),
  );
  api.get(
    "/api/commands/:id",
    {
      config: { access: "meters.view" },
      schema: {
        summary: "What has become of a command",
        tags,
        params: Type.Object({ id: Type.String({ maxLength: 64 }) }),
        response: { 200: Command, ...errors },
      },
    },
    ({ params }) => {
      const command = control.get(params.id);
      if (command) return command;
      throw new HubError("NOT_FOUND", `There is no command "${params.id}"`, "GET /api/commands lists the last ones.");
    },
  );
}

function wishOf({ kind, values = {} }: CommandRequest): Wish {
  const isEmpty = Object.keys(values).length === 0;
  if (kind !== "reboot" && !isEmpty) return { kind, values };
  if (kind === "reboot" && isEmpty) return { kind };
  const hint =
    kind === "reboot" ? "Leave values out." : "Send at least one value, as the device's documentation names it.";
  throw new HubError("BAD_REQUEST", `A command of the kind ${kind} cannot be so`, hint);
}

function meterOf(options: ControlRoutes, id: string): model.Meter {
  const meter = options.findMeter(id);
  if (meter) return meter;
  throw new HubError("NOT_FOUND", `There is no meter "${id}"`, "GET /api/meters lists all.");
}
