import type { Decoded, Direction, Driver, Phase, Quantity, RawMessage, Role } from "../driver.ts";
import { faultOfTopicId } from "../ids.ts";
import { numberText, outcomeOf } from "../outcome.ts";
import type { Collected, Field, JsonObject } from "../readings.ts";
import { collect, isJsonObject } from "../readings.ts";

/** The seventeen-channel meter EnergyMe. */
export const energyme: Driver = {
  dialect: "energyme",
  title: "EnergyMe",
  devices: "EnergyMe-Home with its seventeen channels",
  reads:
    "power, energy in both directions, voltage, current, power factor, reactive and apparent power of each channel",
  switches: "nothing",
  connect: "in its web page: Integrations, custom MQTT, with a topic of its own for each device",
  decode(message) {
    const list = isCandidate(message) ? message.json() : undefined;
    if (!Array.isArray(list)) return undefined;
    const channels = list.slice(0, maxChannels).filter(isChannel);
    if (channels.length === 0) return undefined;
    const fault = faultOfTopicId(message.topic, 128);
    return fault ? { rejected: fault } : decodeChannels(message.topic, channels);
  },
};

const maxChannels = 64;

/** The topic is the user's, so that the content must tell; a look at its beginning costs little. */
function isCandidate({ payload }: RawMessage): boolean {
  return payload[0] === 0x5b && payload[1] === 0x7b;
}

type Channel = JsonObject & { data: JsonObject };

function isChannel(value: unknown): value is Channel {
  return isJsonObject(value) && "index" in value && isJsonObject(value.data) && "activePower" in value.data;
}

interface ChannelField extends Field {
  direction?: Direction;
}

/** From the firmware's `ade7953.cpp`: energies are Wh, varh and VAh. */
const fields: readonly ChannelField[] = [
  field("voltage", "voltage"),
  field("current", "current"),
  field("activePower", "power_active"),
  field("apparentPower", "power_apparent"),
  field("reactivePower", "power_reactive"),
  field("powerFactor", "power_factor"),
  field("activeEnergyImported", "energy_active", "import"),
  field("activeEnergyExported", "energy_active", "export"),
  field("reactiveEnergyImported", "energy_reactive", "import"),
  field("reactiveEnergyExported", "energy_reactive", "export"),
  field("apparentEnergy", "energy_apparent", "import"),
];

function field(name: string, quantity: Quantity, direction?: Direction): ChannelField {
  return { name, quantity, ...(direction && { direction }) };
}

const roles: ReadonlyMap<unknown, Role> = new Map<unknown, Role>([
  ["grid", "mains"],
  ["pv", "solar"],
  ["production", "solar"],
  ["inverter", "solar"],
  ["battery", "battery"],
  ["load", "circuit"],
]);

const phases: readonly Phase[] = ["L1", "L2", "L3"];

function decodeChannels(meterId: string, channels: readonly Channel[]): Decoded {
  const collected: Collected = { readings: [], dropped: [] };
  const suggested: Record<string, Role> = {};
  for (const { index, phase: number, role, data } of channels) {
    const channel = (numberText(index) ?? "0").slice(0, 16);
    const phase = phases[Number(numberText(number) ?? 0) - 1];
    suggested[channel] = roles.get(role) ?? "circuit";
    for (const { direction, ...one } of fields) {
      const register = direction && { direction, period: "total" as const };
      collect(collected, data[one.name], one, { channel, ...(phase && { phase }), ...register });
    }
  }
  return outcomeOf({ meterId, roles: suggested }, collected);
}
