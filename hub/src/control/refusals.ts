/** Why a command is not sent, each with what a person can do. */
import { HubError } from "../errors.ts";
import type { Meter } from "../model.ts";

/** As far as a refusal names it. */
type Named = Pick<Meter, "name" | "dialect">;

export function offline({ name }: Named): HubError {
  return new HubError(
    "DEVICE_OFFLINE",
    `${name} is offline`,
    "See whether it has power and Wi-Fi; then try again. Nothing was sent.",
  );
}

export function noRelay({ name }: Named): HubError {
  return new HubError(
    "CANNOT_COMMAND",
    `${name} has reported no relay on this channel`,
    "Choose a channel whose relay is not null in GET /api/channels.",
  );
}

export function cannot({ name, dialect }: Named, kind: string): HubError {
  return new HubError(
    "CANNOT_COMMAND",
    `Devices of the kind ${dialect}, such as ${name}, do not take the command ${kind}`,
    "The table in device-drivers/README.md says what can be switched.",
  );
}

export function notHeardYet({ name }: Named): HubError {
  return new HubError(
    "CANNOT_COMMAND",
    `${name} has not told since the hub started where it listens to this command`,
    "Wait until it reports its relay, or switch it once by hand; then try again.",
  );
}

export function otherHome({ name }: Named): HubError {
  return new HubError("NOT_ALLOWED", `${name} is of another home`, "Switch it at the hub of its own home.");
}

export function foreignTopic({ name }: Named, topic: string): HubError {
  return new HubError(
    "NOT_ALLOWED",
    `The topic "${topic.slice(0, 200)}" is not known to be one of ${name}`,
    "Let the device connect with a credential of its own, and listen to that topic; then try again.",
  );
}

export function tooOften({ name }: Named): HubError {
  return new HubError(
    "TOO_MANY_ATTEMPTS",
    `${name} was switched too often`,
    "A relay wears out: it takes 20 commands a minute. Wait a moment, then try again.",
  );
}

export function underWay({ name }: Named): HubError {
  return new HubError(
    "TOO_MANY",
    `${name} has not answered the command before this one`,
    "Wait a few seconds, then try again.",
  );
}
