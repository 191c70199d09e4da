import type { Decoded, Driver, MeterMessage, RawMessage } from "../driver.ts";
import { type About, outcomeOf } from "../outcome.ts";
import type { Collected } from "../readings.ts";
import { isJsonObject } from "../readings.ts";
import { decodeConfig, decodeDeviceConfig } from "./config.ts";
import { type Described, describedOf, identityOf, readDescribed } from "./state.ts";

/** Whatever announces itself to Home Assistant, where no other driver knows the device better. */
export const haDiscovery: Driver = {
  dialect: "ha-discovery",
  title: "Devices that announce themselves to Home Assistant",
  isForAnything: true,
  devices: "any firmware or program with MQTT discovery of Home Assistant",
  reads: "sensors in W, VA, var, V, A, Hz, Wh, varh; power factors, room climate, switches, availability",
  switches: "switches: what their configuration says, `command_topic` with `payload_on`, `payload_off`",
  connect: "turn on MQTT discovery with the prefix homeassistant",
  isFallback: true,
  decode(message) {
    const component = componentOf(message);
    return component === undefined ? decodeDescribed(message) : decodeConfiguration(message, component);
  },
};

const components: ReadonlySet<string> = new Set(
  (
    "sensor switch device binary_sensor light climate cover fan number select button text camera lock siren vacuum valve " +
    "update event scene humidifier lawn_mower water_heater alarm_control_panel device_automation device_tracker tag image notify"
  ).split(" "),
);

/** `homeassistant/<component>/[<node>/]<object>/config`, with whatever prefix before. */
function componentOf({ levels }: RawMessage): string | undefined {
  if (levels.at(-1) !== "config" || levels.length < 4) return undefined;
  const at = levels.findIndex(
    (level, i) => components.has(level) && i > 0 && i >= levels.length - 4 && i <= levels.length - 3,
  );
  return at === -1 ? undefined : levels[at];
}

function decodeConfiguration(message: RawMessage, component: string): Decoded | undefined {
  const source = message.topic;
  const isUsual = message.levels.includes("homeassistant");
  if (message.payload.length === 0) {
    return isUsual ? { ignored: "a description was removed", defines: { source, list: [] } } : undefined;
  }
  const config = message.json();
  if (!isJsonObject(config)) return isUsual ? { rejected: "the configuration is not a JSON object" } : undefined;
  if (!isUsual && !("state_topic" in config) && !("stat_t" in config) && !("cmps" in config)) return undefined;
  return component === "device" ? decodeDeviceConfig(source, config) : decodeConfig(component, source, config);
}

/** One message may be about several meters: those of a gateway share its last will. */
function decodeDescribed(message: RawMessage): Decoded | undefined {
  const described = describedOf(message);
  const [first] = described;
  if (!first) return undefined;
  if (message.payload.length === 0) return { ignored: "a retained message was cleared", meterId: first.meterId };
  const byMeter = Map.groupBy(described, ({ meterId }) => meterId);
  const outcomes = [...byMeter.values()].map((ofMeter) => decodeMeter(message, ofMeter));
  const meters: MeterMessage[] = outcomes.flatMap((outcome) => ("meters" in outcome ? outcome.meters : []));
  return meters.length > 0 ? { meters } : outcomes[0];
}

function decodeMeter(message: RawMessage, described: readonly Described[]): Decoded {
  const about: About = Object.assign({}, ...described.map(identityOf));
  const collected: Collected = { readings: [], dropped: [] };
  for (const one of described) readDescribed(one, message, about, collected);
  return outcomeOf(about, collected);
}
