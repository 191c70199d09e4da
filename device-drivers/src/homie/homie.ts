import type { Decoded, DefinitionData, Driver, RawMessage } from "../driver.ts";
import { faultOfTopicId, readMac } from "../ids.ts";
import { countedBy, fieldOf, readName } from "../naming.ts";
import { isNotANumber, numberFromText } from "../number.ts";
import { type About, decodeNumber, decodeRelay, shownText, textOf } from "../outcome.ts";
import { roleFromName } from "../roles.ts";
import { decodeDescription } from "./description.ts";

const dialect = "homie";

/** Devices that follow the Homie convention, 3 to 5. */
export const homie: Driver = {
  dialect,
  title: "Devices that follow the Homie convention",
  isForAnything: true,
  devices: "boards with homie-esp8266 and other libraries, versions 3, 4 and 5",
  reads: "power, energy, voltage, current, power factor, frequency, relays, availability, name",
  switches: "relays: `homie/<device>/<node>/<property>/set` true, false",
  connect: "set the library's broker; leave the base topic homie",
  decode(message) {
    const { levels } = message;
    if (levels[0] !== dialect || levels.length < 3) return undefined;
    const [meterId = "", ...rest] = levels.slice(isVersion5(levels) ? 2 : 1);
    const fault = faultOfTopicId(meterId);
    if (fault) return meterId.startsWith("$") ? undefined : { rejected: fault };
    if (meterId.startsWith("$")) return { ignored: "a broadcast", meterId };
    if (rest[0]?.startsWith("$")) return decodeAttribute(message, meterId, rest.join("/"));
    if (rest.at(-1) === "set") return { ignored: "a command", meterId };
    if (rest.length === 2) return decodeProperty(message, meterId, rest[0] ?? "", rest[1] ?? "");
    return rest.at(-1) === "$unit" && rest.length === 3
      ? decodeUnit(message, meterId)
      : { ignored: "a description", meterId };
  },
};

function isVersion5(levels: readonly string[]): boolean {
  return levels[1] === "5" && levels.length > 3;
}

/** States between those, such as `init` and `sleeping`, say neither. */
const availabilities: ReadonlyMap<string, "online" | "offline"> = new Map([
  ["ready", "online"],
  ["alert", "online"],
  ["lost", "offline"],
  ["disconnected", "offline"],
]);

function decodeAttribute(message: RawMessage, meterId: string, attribute: string): Decoded {
  if (attribute === "$description") return decodeDescription(message, meterId);
  const text = textOf(message, meterId);
  if (typeof text !== "string") return text.answer;
  const about = aboutFrom(attribute, text, meterId);
  return about ? { meters: [{ ...about, readings: [] }] } : { ignored: "not a measurement", meterId };
}

function aboutFrom(attribute: string, text: string, meterId: string): About | undefined {
  const shown = shownText(text);
  if (attribute === "$state") {
    const availability = availabilities.get(text);
    return availability && { meterId, availability };
  }
  if (attribute === "$name") return shown === undefined ? undefined : { meterId, name: shown };
  if (attribute === "$fw/version") return shown === undefined ? undefined : { meterId, firmware: shown };
  if (attribute === "$mac") {
    const mac = readMac(text);
    return mac ? { meterId, mac } : undefined;
  }
  if (attribute !== "$stats/uptime") return undefined;
  const uptimeS = numberFromText(text, { unit: "" });
  return isNotANumber(uptimeS) ? undefined : { meterId, uptimeS };
}

/** `…/$unit`: the unit of a property, which its own messages do not have. */
function decodeUnit(message: RawMessage, meterId: string): Decoded {
  const source = message.topic;
  const unit = shownText(message.text());
  const list = unit === undefined ? [] : [{ topics: [message.levels.slice(0, -1).join("/")], data: { unit } }];
  return { ignored: "a description of a property", meterId, defines: { source, list } };
}

/** A node that is the whole meter needs no name of its own. */
const wholeMeter = /^(?:meter|energy|power|sensor|electricity|pzem|em|main|mains|grid|relay|switch|plug|outlet)$/;

function decodeProperty(message: RawMessage, meterId: string, node: string, property: string): Decoded {
  const channel = wholeMeter.test(node.toLowerCase()) ? "" : node.slice(0, 64);
  if (/^(?:on|relay|switch|state|onoff)$/i.test(property) && isSwitchState(message))
    return decodeRelay(message, { meterId }, channel || "0");
  const unit = unitOf(message.known(dialect));
  const named = readName(unit === undefined ? property : `${property} ${unit}`) ?? readName(property);
  if (named?.rest !== "") return { ignored: "not a measurement", meterId };
  const bareUnit = unit ?? named.unit ?? (named.quantity === "energy_active" ? "kWh" : undefined);
  const role = roleFromName(`${meterId} ${node}`) ?? "appliance";
  const { field, place } = fieldOf(countedBy(role, named), property, bareUnit);
  const roles = { [channel]: role };
  return decodeNumber(message, { meterId, roles }, field, { ...(channel !== "" && { channel }), ...place });
}

function isSwitchState(message: RawMessage): boolean {
  return /^(?:true|false|on|off)$/i.test(message.text()?.trim() ?? "");
}

function unitOf([data]: readonly DefinitionData[]): string | undefined {
  return typeof data?.unit === "string" ? data.unit : undefined;
}
