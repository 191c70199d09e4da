import type { Decoded, Driver, RawMessage } from "../driver.ts";
import { faultOfTopicId } from "../ids.ts";
import { countedBy, fieldOf, readName } from "../naming.ts";
import { decodeNumber } from "../outcome.ts";
import { roleFromName } from "../roles.ts";

/** Boards with ESPEasy, which publish `%sysname%/%tskname%/%valname%`. */
export const espeasy: Driver = {
  dialect: "espeasy",
  title: "Boards with ESPEasy",
  isForAnything: true,
  devices: "ESP8266 and ESP32 boards with ESPEasy and a PZEM, CSE7766, HLW8012 or Modbus meter",
  reads: "power, energy, voltage, current, power factor, frequency",
  switches: "nothing yet",
  connect: "in its web page: Controllers, add Home Assistant (openHAB) MQTT; name values after their units: Power_W",
  isFallback: true,
  decode(message) {
    const { levels } = message;
    if (levels.length < 2 || levels.length > 3 || !isBoard(message)) return undefined;
    const [system = "", task = "", value] = levels;
    const meterId = `${system}/${task}`;
    const fault = faultOfTopicId(meterId, 128);
    if (fault) return { rejected: fault };
    if (value === undefined) return decodeBoard(message, system, task);
    return decodeValue(message, meterId, value);
  },
};

/** A board that nobody renamed is called `ESP_Easy` or `ESP-Easy`; a value's unit in its name gives others away. */
function isBoard({ levels }: RawMessage): boolean {
  if (/^ESP[_-]/i.test(levels[0] ?? "")) return true;
  const named = levels.length === 3 ? readName(levels[2] ?? "") : undefined;
  return named?.unit !== undefined && named.rest === "" && /^(?:pzem|cse|hlw|sdm|dds|bl09)/i.test(levels[1] ?? "");
}

/** The board's last will; its tasks, which are meters of their own, do not have one. */
function decodeBoard(message: RawMessage, meterId: string, leaf: string): Decoded {
  const text = message.text()?.trim();
  const availability = text === "Connected" ? "online" : text === "Connection Lost" ? "offline" : undefined;
  if (leaf !== "LWT" || !availability) return { ignored: "a message of the board itself", meterId };
  return { meters: [{ meterId, readings: [], availability }] };
}

function decodeValue(message: RawMessage, meterId: string, value: string): Decoded {
  const named = readName(value);
  if (named?.rest !== "") return { ignored: "not a measurement", meterId };
  if (named.quantity.startsWith("energy_") && named.unit === undefined)
    return { rejected: `the unit of ${value} is not known: name it ${value}_kWh or ${value}_Wh`, meterId };
  const { field, place } = fieldOf(countedBy(roleFromName(meterId), named), value);
  return decodeNumber(message, { meterId, roles: { "": roleFromName(meterId) ?? "appliance" } }, field, place);
}
