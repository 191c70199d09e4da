/** Messages on topics that a configuration has described. */
import type { DefinitionData, MeterMessage, Quantity, RawMessage, Reading, Role } from "../driver.ts";
import { quantities } from "../driver.ts";
import { type About, relayState } from "../outcome.ts";
import type { Collected, Place } from "../readings.ts";
import { collect } from "../readings.ts";
import type { AvailabilitySource } from "./config.ts";
import { asText, evaluate } from "./evaluate.ts";
import { parseTemplate } from "./parse.ts";

/** A definition as `config.ts` makes it. */
export type Described = DefinitionData &
  Pick<MeterMessage, "meterId" | "name" | "model" | "firmware" | "mac"> & {
    topic: string;
    template?: string;
    availability: readonly AvailabilitySource[];
  } & (
    | { kind: "switch"; on: string; off: string; channel?: string }
    | ({ kind: "sensor"; quantity: Quantity; unit?: string; role?: Role } & Place)
  );

/** What configurations have described about the message's topic. */
export function describedOf(message: RawMessage): readonly Described[] {
  const known = message.known("ha-discovery") as readonly Described[];
  return known.filter(({ meterId, topic, availability }) => meterId && topic && Array.isArray(availability));
}

/** Who the device is. */
export function identityOf({ meterId, name, model, firmware, mac }: Described): About {
  return {
    meterId,
    ...(name !== undefined && { name }),
    ...(model !== undefined && { model }),
    ...(firmware !== undefined && { firmware }),
    ...(mac !== undefined && { mac }),
  };
}

/** Adds what a described value says to its meter. */
export function readDescribed(described: Described, message: RawMessage, about: About, collected: Collected): void {
  if (described.topic === message.topic) {
    const value = valueIn(message, described.template);
    if ("why" in value) collected.dropped.push(`value_template: ${value.why}`);
    else if (described.kind === "switch") readSwitch(described, value.value, about);
    else readSensor(described, value.value, about, collected);
  }
  for (const source of described.availability)
    if (source.topic === message.topic) readAvailability(source, message, about);
}

/** The value that a template makes of the message, or its text when there is no template. */
function valueIn(message: RawMessage, template: string | undefined): { value: unknown } | { why: string } {
  const text = message.text();
  if (text === undefined) return { why: "the payload is not UTF-8 text" };
  if (template === undefined) return { value: text.trim() };
  const parts = parseTemplate(template);
  return "why" in parts ? parts : evaluate(parts, { value: text, value_json: message.json() });
}

function readSensor(
  { topic: _, quantity, unit, role, channel, phase, direction, period }: Extract<Described, { kind: "sensor" }>,
  value: unknown,
  about: About,
  collected: Collected,
): void {
  const place: Omit<Reading, "quantity" | "value"> = {
    ...(channel !== undefined && { channel }),
    ...(phase && { phase }),
    ...(direction && { direction }),
    ...(period && { period }),
  };
  const meaning = { unit: quantities[quantity].unit, ...(unit !== undefined && { bareUnit: unit }) };
  const { length } = collected.readings;
  collect(collected, value, { name: quantity, quantity, meaning }, place);
  if (role && collected.readings.length > length) about.roles = { ...about.roles, [channel ?? ""]: role };
}

/** What the template gives is compared as text, as Home Assistant does; the usual words are understood beside. */
function readSwitch(
  { on, off, channel = "0" }: Extract<Described, { kind: "switch" }>,
  value: unknown,
  about: About,
): void {
  const text = asText(value);
  const closed = text === on ? true : text === off ? false : relayState(text);
  if (value !== undefined && closed !== undefined) about.relays = { ...about.relays, [channel]: closed };
}

function readAvailability({ template, online, offline }: AvailabilitySource, message: RawMessage, about: About): void {
  const value = valueIn(message, template);
  const text = "value" in value ? asText(value.value) : "";
  if (text === online) about.availability = "online";
  else if (text === offline) about.availability = "offline";
}
