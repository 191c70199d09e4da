import type { Decoded, Definition, RawMessage } from "../driver.ts";
import { faultOfTopicId } from "../ids.ts";
import { shownText } from "../outcome.ts";
import type { JsonObject } from "../readings.ts";
import { isJsonObject } from "../readings.ts";

/** Devices have a few dozen properties; more are a fault of their sender. */
const maxProperties = 64;

/** `$description` of Homie 5: the name of the device, and the units of its properties. */
export function decodeDescription(message: RawMessage, meterId: string): Decoded {
  const source = message.topic;
  if (message.payload.length === 0) return { ignored: "a device was removed", meterId, defines: { source, list: [] } };
  const description = message.json();
  if (!isJsonObject(description)) return { rejected: "the description is not a JSON object", meterId };
  const base = message.levels.slice(0, -1).join("/");
  const defines = { source, list: [...unitsIn(description, base)].slice(0, maxProperties) };
  const name = shownText(description.name);
  return name === undefined
    ? { ignored: "a description", meterId, defines }
    : { meters: [{ meterId, name, readings: [] }], defines };
}

function* unitsIn(description: JsonObject, base: string): Generator<Definition> {
  for (const [nodeId, node] of entriesOf(description.nodes)) {
    for (const [propertyId, property] of isJsonObject(node) ? entriesOf(node.properties) : []) {
      const unit = isJsonObject(property) ? shownText(property.unit) : undefined;
      if (unit !== undefined) yield { topics: [`${base}/${nodeId}/${propertyId}`], data: { unit } };
    }
  }
}

function entriesOf(value: unknown): [string, unknown][] {
  const entries = isJsonObject(value) ? Object.entries(value).slice(0, maxProperties) : [];
  return entries.filter(([id]) => faultOfTopicId(id) === undefined);
}
