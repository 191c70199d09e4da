import type { Decoded, Driver, Quantity } from "../driver.ts";
import { faultOfTopicId } from "../ids.ts";
import { type About, decodeNumber, numberText, outcomeOf, shownText } from "../outcome.ts";
import type { Collected, Field, JsonObject, Place } from "../readings.ts";
import { collect, isJsonObject, kilowattHours } from "../readings.ts";
import { readTime } from "../time.ts";

/** Wireless meters that rtl_433 hears. */
export const rtl433: Driver = {
  dialect: "rtl433",
  title: "Wireless meters heard by rtl_433",
  isForAnything: true,
  devices: "CurrentCost EnviR, Efergy e2 and Optical, Blueline PowerCost, Oregon CM180, Geo minim+",
  reads: "power, current, energy of each transmitter",
  switches: "nothing",
  connect: "rtl_433 -F mqtt://<hub>:1883,user=NAME,pass=PASSWORD",
  decode(message) {
    const { levels } = message;
    if (levels[0] !== "rtl_433" || levels.length < 2) return undefined;
    const at = levels.indexOf("devices");
    if (at !== -1) return decodeField(message, levels.slice(at + 1));
    const event = message.json();
    if (levels.at(-1) !== "events") return isJsonObject(event) ? decodeEvent(event) : { ignored: "not an event" };
    return isJsonObject(event) ? decodeEvent(event) : { rejected: "the event is not a whole JSON object" };
  },
};

/** Fields with numbers for inputs: `power0_W`, `power2_W`. `freq` is that of the radio. */
const fieldNames: readonly (readonly [name: RegExp, quantity: Quantity])[] = [
  [/^power(\d?)_W$/, "power_active"],
  [/^energy(\d?)_kWh$/, "energy_active"],
  [/^current(\d?)(?:_A)?$/, "current"],
  [/^voltage(\d?)_V$/, "voltage"],
];

function fieldOf(name: string): { field: Field; place: Place } | undefined {
  for (const [pattern, quantity] of fieldNames) {
    const [match, channel = ""] = pattern.exec(name) ?? [];
    if (match === undefined) continue;
    const isEnergy = quantity === "energy_active";
    return {
      field: { name, quantity, ...(isEnergy && { meaning: kilowattHours }) },
      place: { ...(channel !== "" && { channel }), ...(isEnergy && { direction: "import", period: "total" }) },
    };
  }
  return undefined;
}

/** One event: everything that a transmitter has sent. */
function decodeEvent(event: JsonObject): Decoded {
  const model = shownText(event.model);
  const id = numberText(event.id) ?? shownText(event.id);
  if (model === undefined || id === undefined) return { ignored: "an event without model and id" };
  const meterId = `${model}/${id}`;
  const fault = faultOfTopicId(meterId, 128);
  if (fault) return { rejected: fault };
  const about: About = { meterId, model };
  const collected: Collected = { readings: [], dropped: [] };
  for (const name of Object.keys(event).slice(0, 100)) {
    const known = fieldOf(name);
    if (known) collect(collected, event[name], known.field, known.place);
  }
  const time = readTime(event.time);
  if (time && !("why" in time) && collected.readings.length > 0) about.time = time;
  about.roles = Object.fromEntries(collected.readings.map(({ channel = "" }) => [channel, "circuit" as const]));
  return outcomeOf(about, collected);
}

/** `rtl_433/<host>/devices/<model>/[<channel>/]<id>/<field>`: one field alone. */
function decodeField(message: Parameters<typeof decodeNumber>[0], levels: readonly string[]): Decoded {
  const [model = ""] = levels;
  const known = fieldOf(levels.at(-1) ?? "");
  const meterId = levels.slice(0, -1).join("/");
  const fault = faultOfTopicId(meterId, 128);
  if (fault) return { rejected: fault };
  if (!known || levels.length < 3) return { ignored: "not a measurement", meterId };
  const roles = { [known.place.channel ?? ""]: "circuit" } as const;
  return decodeNumber(message, { meterId, model: model.slice(0, 100), roles }, known.field, known.place);
}
