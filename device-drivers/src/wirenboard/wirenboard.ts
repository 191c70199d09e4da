import type { Decoded, Driver, RawMessage, Role } from "../driver.ts";
import { faultOfTopicId } from "../ids.ts";
import { decodeNumber, decodeRelay, shownText } from "../outcome.ts";
import { isJsonObject } from "../readings.ts";
import { roleFromName } from "../roles.ts";
import { controlOf, controlWithUnits } from "./controls.ts";

const dialect = "wirenboard";

/** Wiren Board controllers and what is wired to them. */
export const wirenboard: Driver = {
  dialect,
  title: "Wiren Board controllers",
  isForAnything: true,
  devices: "WB-MAP3H, MAP3E, MAP6S, MAP12H meters, WB-MR relays, and Modbus meters on a Wiren Board controller",
  reads: "power, energy, voltage, current, power factor, frequency by phase and channel, relays, name",
  switches: "relays: `/devices/<device>/controls/<control>/on` 1, 0",
  connect: "bridge the controller's broker to the hub: topic /devices/# out",
  decode(message) {
    const { levels } = message;
    if (levels[0] !== "" || levels[1] !== "devices" || levels.length < 4) return undefined;
    const [, , meterId = "", branch, name = "", ...rest] = levels;
    const fault = faultOfTopicId(meterId);
    if (fault) return { rejected: fault };
    if (branch === "meta") return decodeDeviceMeta(message, meterId, name);
    if (branch !== "controls" || name === "") return { ignored: "not a measurement", meterId };
    if (rest.length === 0) return decodeControl(message, meterId, name);
    if (rest[0] === "meta") return decodeControlMeta(message, meterId, name, rest[1]);
    return { ignored: "a command", meterId };
  },
};

/** `/devices/<id>/meta/name`, or `/devices/<id>/meta` with `{"title":{"en":…}}`. */
function decodeDeviceMeta(message: RawMessage, meterId: string, leaf: string): Decoded {
  const json = leaf === "" ? message.json() : undefined;
  const title = isJsonObject(json) && isJsonObject(json.title) ? (json.title.en ?? json.title.ru) : undefined;
  const name = shownText(leaf === "name" ? message.text() : title);
  return name === undefined ? { ignored: "a description", meterId } : { meters: [{ meterId, name, readings: [] }] };
}

/** `…/meta` with `{"units":"W"}`, or `…/meta/units`: the unit of a control, whose own messages have none. */
function decodeControlMeta(message: RawMessage, meterId: string, name: string, leaf: string | undefined): Decoded {
  if (leaf !== undefined && leaf !== "units") return { ignored: "a description of a control", meterId };
  const json = leaf === undefined ? message.json() : undefined;
  const units = shownText(leaf === "units" ? message.text() : isJsonObject(json) ? json.units : undefined);
  const topic = message.levels.slice(0, 5).join("/");
  const isNews = units !== undefined && controlOf(name) === undefined;
  const list = isNews ? [{ topics: [topic], data: { units } }] : [];
  return { ignored: "a description of a control", meterId, defines: { source: message.topic, list } };
}

function decodeControl(message: RawMessage, meterId: string, name: string): Decoded {
  if (/^K\d{1,2}$/.test(name)) return decodeRelay(message, { meterId }, name);
  const control = controlOf(name) ?? knownControl(message, name);
  if (!control) return { ignored: "not a measurement", meterId };
  const { channel = "" } = control.place;
  return decodeNumber(
    message,
    { meterId, roles: { [channel]: roleOf(meterId, channel) } },
    control.field,
    control.place,
  );
}

function knownControl(message: RawMessage, name: string) {
  const [data] = message.known(dialect);
  return typeof data?.units === "string" ? controlWithUnits(name, data.units) : undefined;
}

/** A MAP3 measures a supply; the channels of a MAP12 and the inputs of a MAP6 are circuits. */
function roleOf(meterId: string, channel: string): Role {
  return roleFromName(meterId) ?? (channel === "" && /^wb-map3/.test(meterId) ? "mains" : "circuit");
}
