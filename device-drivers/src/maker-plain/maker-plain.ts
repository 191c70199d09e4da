import type { Decoded, Driver, RawMessage } from "../driver.ts";
import { faultOfTopicId } from "../ids.ts";
import { countedBy, fieldOf, type NamedValue, readName } from "../naming.ts";
import { type About, decodeNumber, outcomeOf } from "../outcome.ts";
import { type Collected, collect } from "../readings.ts";
import { roleFromName } from "../roles.ts";
import { placeOfTopic } from "../topic-place.ts";

/** Makers that publish a plain number on a topic whose last level says what it is. */
export const makerPlain: Driver = {
  dialect: "maker-plain",
  title: "Makers' own topics with plain numbers",
  devices: "sketches and scripts; mqtt2kasa with TP-Link Kasa plugs",
  reads: "topics whose last level says what it is: power_w, kwh_total, voltage, …",
  switches: "nothing",
  connect: "publish each number on <meter>/<quantity>_<unit>",
  isFallback: true,
  decode(message) {
    const { levels, payload } = message;
    if (levels.length < 2 || payload.length === 0 || payload.length > 200 || levels[0]?.startsWith("$"))
      return undefined;
    const leaf = levels.at(-1) ?? "";
    const isKasa = levels.includes("emeter");
    if (leaf === "emeter") return decodePairs(message);
    const named = isKasa && leaf === "total" ? kasaTotal : readName(leaf);
    if (!named || !isSure(named, levels) || !beginsLikeNumber(payload)) return undefined;
    const meterId = placeOfTopic(levels.slice(0, -1));
    const fault = faultOfTopicId(meterId, 128);
    return fault ? { rejected: fault } : decodeNamed(message, meterId, named);
  },
};

/** The library of Kasa plugs counts kilowatt-hours. */
const kasaTotal: NamedValue = {
  quantity: "energy_active",
  unit: "kWh",
  direction: "import",
  period: "total",
  rest: "",
};

const meterWords = /meter|energy|pzem|electric|mains|grid|sdm\d|circuit/i;

/** The name has a unit, or a level before it says that a meter is meant. */
function isSure({ quantity, unit, rest }: NamedValue, levels: readonly string[]): boolean {
  if (quantity === "temperature" || quantity === "humidity" || quantity === "soc" || !/^\d{0,2}$/.test(rest))
    return false;
  return (unit !== undefined && rest === "") || meterWords.test(levels.slice(0, -1).join(" "));
}

function beginsLikeNumber(payload: Uint8Array): boolean {
  const first = payload[0] ?? 0;
  return (first >= 0x30 && first <= 0x39) || first === 0x2d || first === 0x2b || first === 0x2e || first === 0x20;
}

function decodeNamed(message: RawMessage, meterId: string, named: NamedValue): Decoded {
  const { quantity, unit, rest } = named;
  const leaf = message.levels.at(-1) ?? "";
  if (quantity.startsWith("energy_") && unit === undefined && !/[a-z]/i.test(message.text() ?? ""))
    return {
      rejected: `the unit of ${leaf.slice(0, 40)} is not known: name it ${leaf.slice(0, 40)}_kwh or ${leaf.slice(0, 40)}_wh`,
      meterId,
    };
  const role = roleFromName(meterId) ?? "appliance";
  const { field, place } = fieldOf(countedBy(role, named), leaf);
  const roles = { [rest]: role };
  return decodeNumber(message, { meterId, roles }, field, { ...(rest !== "" && { channel: rest }), ...place });
}

const pair = /\b([a-z_]{1,32})=(-?\d{1,12}(?:\.\d{1,12})?)(?=[\s,;>]|$)/gi;

/** `<EmeterStatus power=3.14 voltage=122.05 total=51.493>`, as Python prints an object. */
function decodePairs(message: RawMessage): Decoded | undefined {
  const pairs = [...(message.text() ?? "").matchAll(pair)];
  if (pairs.length === 0) return undefined;
  const meterId = placeOfTopic(message.levels.slice(0, -1));
  const fault = faultOfTopicId(meterId, 128);
  if (fault) return { rejected: fault };
  const collected: Collected = { readings: [], dropped: [] };
  for (const [, name = "", number] of pairs) {
    const named = name === "total" ? kasaTotal : readName(name);
    if (named?.rest !== "") continue;
    const { field, place } = fieldOf(named, name);
    collect(collected, number, field, place);
  }
  const about: About = { meterId, roles: { "": roleFromName(meterId) ?? "appliance" } };
  return outcomeOf(about, collected);
}
