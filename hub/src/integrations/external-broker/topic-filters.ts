/** Topic filters: which are right, which topics they match, and those that the known dialects need. */
import type { TopicFilter } from "../../api/broker-contract.ts";

/**
 * Where the dialects publish unless their users chose other topics. Those that publish anywhere (Homie under another root,
 * ESPEasy, makers' own) need a filter of the user's, or #.
 */
export const dialectFilters: Readonly<Record<string, readonly string[]>> = {
  ahoydtu: ["inverter/#"],
  amsreader: ["amsmeter/#"],
  "aws-shadow": ["$aws/things/+/shadow/#"],
  customer: ["home/+/sensor/#", "home/+/device/#"],
  deye: ["deye/#"],
  domoticz: ["domoticz/out/#"],
  "dsmr-reader": ["dsmr/#"],
  energyme: ["energyme/#"],
  enphase: ["/envoy/json", "envoy/json"],
  esphome: ["+/sensor/+/state", "+/status"],
  evcc: ["evcc/#"],
  fronius: ["fronius/#"],
  glow: ["glow/+/SENSOR/#", "glow/+/STATE"],
  "go-echarger": ["go-eCharger/#", "/go-eCharger/#"],
  grott: ["energy/growatt/#"],
  "growatt-oig": ["energy/solar/#"],
  "ha-discovery": ["homeassistant/+/+/config", "homeassistant/+/+/+/config"],
  homie: ["homie/#"],
  iammeter: ["device/+/realtime"],
  mbmd: ["mbmd/#"],
  meross: ["/appliance/+/publish"],
  "mpp-solar": ["QPIGS/status/#"],
  opendtu: ["solar/#"],
  openbeken: ["+/+/get", "+/connected"],
  openenergymonitor: ["emon/#"],
  openevse: ["openevse/#"],
  openwb: ["openWB/#"],
  "p1-dongle": ["DSMR-API/#", "Eth-Dongle-Pro/#", "+/Energy/#", "+/Power/#"],
  "p1-esp8266": ["sensors/power/#"],
  "pzem-json": ["pzem/#"],
  rtl433: ["rtl_433/#"],
  "shelly-gen1": ["shellies/#"],
  "shelly-gen2": ["+/status/#", "+/events/rpc", "+/online"],
  smlreader: ["smartmeter/#"],
  "solar-assistant": ["solar_assistant/#"],
  "sparkplug-b": ["spBv1.0/#"],
  "sunspec-json": ["solaredge/#"],
  tasmota: ["tele/#", "stat/#", "tasmota/discovery/#"],
  "tuya-mqtt": ["tuya/#"],
  victron: ["N/#"],
  vzlogger: ["vzlogger/#"],
  wirenboard: ["/devices/+/controls/#"],
  zigbee2mqtt: ["zigbee2mqtt/#"],
};

/** What the hub listens on when its user chose nothing: each dialect's filters, acknowledged. */
export const defaultFilters: readonly TopicFilter[] = withoutCovered(
  [...new Set(Object.values(dialectFilters).flat())].map((filter) => ({ filter, qos: 1 as const })),
);

/** Whether a broker takes the filter [MQTT-4.7.1]; shared subscriptions would take messages from others. */
export function isTopicFilter(filter: string): boolean {
  if (filter.startsWith("$share/") || /[\0\p{Cc}]/u.test(filter)) return false;
  const levels = filter.split("/");
  const isLevel = (level: string, i: number) =>
    level === "+" || (level === "#" && i === levels.length - 1) || !/[+#]/.test(level);
  return filter !== "" && levels.every(isLevel);
}

/** Whether a topic is one of a filter's [MQTT-4.7.2-1: a wildcard in front matches no topic that begins with $]. */
export function matches(filter: string, topic: string): boolean {
  if (topic.startsWith("$") && !filter.startsWith("$")) return false;
  return covers(filter, topic);
}

/** Without the filters whose topics another one has too: some brokers would deliver those twice. */
export function withoutCovered(filters: readonly TopicFilter[]): TopicFilter[] {
  const isCovered = ({ filter, qos }: TopicFilter, i: number) =>
    filters.some((other, j) => {
      if (i === j || other.qos < qos || !matches(other.filter, filter)) return false;
      // Of two that are the same the first stays.
      return !(other.qos === qos && matches(filter, other.filter)) || j < i;
    });
  return filters.filter((one, i) => !isCovered(one, i));
}

function covers(filter: string, topic: string): boolean {
  const wanted = filter.split("/");
  const levels = topic.split("/");
  for (let i = 0; i < wanted.length; i++) {
    if (wanted[i] === "#") return true; // its parent too [MQTT-4.7.1-2]
    if (i >= levels.length) return false;
    if (levels[i] === "#" || (wanted[i] !== "+" && wanted[i] !== levels[i])) return false;
  }
  return levels.length === wanted.length;
}
