/** The API's shapes of commands to devices. */
import { type Static, Type } from "typebox";

const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const TimeMs = Type.Number({ description: "Epoch milliseconds, UTC" });
const closed = { additionalProperties: false };

export const CommandState = Type.Union(
  [Type.Literal("waiting"), Type.Literal("sent"), Type.Literal("confirmed"), Type.Literal("failed")],
  {
    description:
      "waiting: the channel was switched less than a second ago; sent: the device has not answered yet; " +
      "confirmed: the device said that it is done",
  },
);
export type CommandState = Static<typeof CommandState>;

export const CommandFailure = Type.Union(
  [
    Type.Literal("offline"),
    Type.Literal("no_answer"),
    Type.Literal("not_done"),
    Type.Literal("refused"),
    Type.Literal("replaced"),
    Type.Literal("stopped"),
  ],
  {
    description:
      "offline: not sent at all; no_answer: nothing was heard of the device in time; not_done: it reports the other " +
      "state; refused: it said no; replaced: a newer command came; stopped: the hub was stopped meanwhile",
  },
);
export type CommandFailure = Static<typeof CommandFailure>;

/** Small and flat, as devices with little memory read them. */
export const CommandValues = Type.Record(
  Type.String({ pattern: "^[A-Za-z][A-Za-z0-9_]{0,31}$" }),
  Type.Union([Type.Number(), Type.Boolean(), Type.String({ maxLength: 128 })]),
  { maxProperties: 15, additionalProperties: false, description: "As the device's documentation names them" },
);
export type CommandValues = Static<typeof CommandValues>;

/** A command to a device, from the request to its end. */
export const Command = Type.Object({
  id: Type.String(),
  meterId: Type.String(),
  channelId: nullable(Type.String({ description: "null: for the whole device" })),
  kind: Type.Union([
    Type.Literal("switch"),
    Type.Literal("toggle"),
    Type.Literal("reboot"),
    Type.Literal("config"),
    Type.Literal("calibrate"),
  ]),
  on: nullable(Type.Boolean({ description: "What a relay is to be; null for a toggle of a state that nobody knows" })),
  values: nullable(CommandValues),
  by: Type.String({ description: "Who asked" }),
  state: CommandState,
  failure: nullable(CommandFailure),
  error: nullable(Type.String({ description: "The device's own words, when it refused" })),
  requestedMs: TimeMs,
  sentMs: nullable(TimeMs),
  endedMs: nullable(TimeMs),
  sends: Type.Integer({ description: "How often it was sent: a switch is sent again while no answer comes" }),
});
export type Command = Static<typeof Command>;

export const SwitchRequest = Type.Object({ on: Type.Union([Type.Boolean(), Type.Literal("toggle")]) }, closed);
export type SwitchRequest = Static<typeof SwitchRequest>;

export const CommandRequest = Type.Object(
  {
    kind: Type.Union([Type.Literal("reboot"), Type.Literal("config"), Type.Literal("calibrate")]),
    values: Type.Optional(CommandValues),
  },
  closed,
);
export type CommandRequest = Static<typeof CommandRequest>;
