import type { Decoded, Driver, RawMessage } from "../driver.ts";
import { faultOfTopicId } from "../ids.ts";
import { readNamed } from "../maker-json/keys.ts";
import { type About, outcomeOf } from "../outcome.ts";
import type { Collected, JsonObject } from "../readings.ts";
import { isJsonObject } from "../readings.ts";
import { roleFromName } from "../roles.ts";
import { readTime } from "../time.ts";

/** Things that report to a device shadow of AWS IoT. */
export const awsShadow: Driver = {
  dialect: "aws-shadow",
  title: "Things with a device shadow of AWS IoT",
  devices: "boards with an AWS IoT device SDK, sent to the hub in place of AWS",
  reads: "what the reported state calls power, voltage, current, energy_kwh, …",
  switches: "nothing",
  connect: "set the SDK's endpoint to the hub",
  decode(message) {
    const { levels } = message;
    if (levels[0] !== "$aws" || levels[1] !== "things" || levels[3] !== "shadow") return undefined;
    const meterId = levels[2] ?? "";
    const fault = faultOfTopicId(meterId, 128);
    if (fault) return { rejected: fault };
    // `shadow/update`, and `shadow/name/<shadow>/update` for a thing that has several.
    const action = levels.slice(levels[4] === "name" ? 6 : 4).join("/");
    return action === "update"
      ? decodeUpdate(message, meterId)
      : { ignored: "an answer of the shadow service", meterId };
  },
};

function decodeUpdate(message: RawMessage, meterId: string): Decoded {
  const body = message.json();
  if (!isJsonObject(body) || !isJsonObject(body.state))
    return { rejected: "the payload is not a whole shadow document", meterId };
  const { reported } = body.state;
  return isJsonObject(reported) ? decodeReported(reported, meterId) : { ignored: "a desired state", meterId };
}

function decodeReported(reported: JsonObject, meterId: string): Decoded {
  const collected: Collected = { readings: [], dropped: [] };
  const role = roleFromName(meterId) ?? "appliance";
  readNamed(reported, collected, role);
  const about: About = {
    meterId,
    roles: Object.fromEntries(collected.readings.map(({ channel = "" }) => [channel, role])),
  };
  const time = readTime(reported.timestamp ?? reported.ts);
  if (time && !("why" in time)) about.time = time;
  return outcomeOf(about, collected);
}
