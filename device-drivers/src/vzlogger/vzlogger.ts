import type { Decoded, Driver, RawMessage } from "../driver.ts";
import type { About } from "../leaf-table.ts";
import { decodeLeaf, decodeValue } from "../leaf-table.ts";
import { obisLeaf } from "../obis.ts";
import { isJsonObject } from "../readings.ts";

const dialect = "vzlogger";

/** The program vzlogger of the Volkszähler project. */
export const vzlogger: Driver = {
  dialect,
  title: "vzlogger (Volkszähler)",
  devices: "meters with an optical head (SML or D0), read by vzlogger",
  reads: "power, voltage and current by phase, energy from and to the grid by tariff",
  switches: "nothing",
  connect: 'in vzlogger.conf: "mqtt" with the hub\'s address, "topic": "vzlogger/data", "retain": true',
  decode(message) {
    const { levels } = message;
    const [channel = "", leaf = ""] = levels.slice(-2);
    if (levels[0] !== dialect || levels.length < 3 || !/^chn\d{1,4}$/.test(channel)) return undefined;
    const meterId = `${dialect}/${channel}`;
    if (leaf === "id") return decodeIdentifier(message, meterId);
    if (leaf === "raw" || leaf === "agg") return decodeReading(message, meterId);
    return { ignored: "no measurement", meterId };
  },
};

/** `…/id` holds the channel's OBIS code: only that says what its numbers are. */
function decodeIdentifier(message: RawMessage, meterId: string): Decoded {
  const code = /^(?:\d{1,3}-\d{1,3}:)?(\d{1,3}\.\d{1,3}\.\d{1,3})(?:\*\d{1,3})?$/.exec(
    message.text()?.trim() ?? "",
  )?.[1];
  const base = message.levels.slice(0, -1).join("/");
  const data = code !== undefined && obisLeaf(code) ? { code } : undefined;
  const list = data ? [{ topics: [`${base}/raw`, `${base}/agg`], data }] : [];
  return { ignored: "what a channel measures", meterId, defines: { source: message.topic, list } };
}

function decodeReading(message: RawMessage, meterId: string): Decoded {
  const code = message.known(dialect)[0]?.code;
  const leaf = typeof code === "string" ? obisLeaf(code) : undefined;
  if (!leaf)
    return { ignored: `the topic …/${message.levels.at(-2)}/id has not said what this channel measures`, meterId };
  const about: About = { meterId, channelRoles: { "": "mains" } };
  const body = message.json();
  // With "timestamp": true it is {"timestamp":1533480841373,"value":451.2}.
  return isJsonObject(body) ? decodeValue(body.value ?? null, leaf, about) : decodeLeaf(message, leaf, about);
}
