/** What can be asked of devices, and how each dialect says it: the contract, and the dialects that take commands. */
import { customerCommands } from "./customer/commands.ts";
import { domoticzCommands } from "./domoticz/commands.ts";
import type { DefinitionData, RawMessage } from "./driver.ts";
import { esphomeCommands } from "./esphome/commands.ts";
import { espurnaCommands } from "./espurna/commands.ts";
import { haDiscoveryCommands } from "./ha-discovery/commands.ts";
import { homieCommands } from "./homie/commands.ts";
import { openbekenCommands } from "./openbeken/commands.ts";
import { openEnergyMonitorCommands } from "./openenergymonitor/commands.ts";
import { shellyGen1Commands } from "./shelly-gen1/commands.ts";
import { shellyGen2Commands } from "./shelly-gen2/commands.ts";
import { tasmotaCommands } from "./tasmota/commands.ts";
import { tuyaMqttCommands } from "./tuya-mqtt/commands.ts";
import { wirenboardCommands } from "./wirenboard/commands.ts";
import { zigbee2mqttCommands } from "./zigbee2mqtt/commands.ts";

/** Settings that a command carries, by the names of the device's own documentation. */
export type CommandValues = Readonly<Record<string, string | number | boolean>>;

/** What is asked of a device; `toggle` only where nobody knows the relay's state. */
export type Command =
  | { kind: "switch"; on: boolean }
  | { kind: "toggle" }
  | { kind: "reboot" }
  | { kind: "config"; values: CommandValues }
  | { kind: "calibrate"; values: CommandValues };

/** Whom a command is for, in the dialect's own names. */
export interface CommandTarget {
  /** As in `MeterMessage`. */
  meterId: string;
  /** The other names by which messages call it, the newest last. */
  aliases: readonly string[];
  homeId: string;
  /** The channel of the relay, as the driver named it; "" for the only one, and for what concerns the whole device. */
  channel: string;
  /** Where the relay's state was heard, the latest first; empty when it was not since the hub started. */
  topics: readonly string[];
  /** What drivers of the dialect have defined about the first of `topics`. */
  definitions: readonly DefinitionData[];
  /** Names the request in dialects whose answers repeat it. */
  requestId: string;
}

/** An MQTT message to a device: acknowledged, and never retained, since a retained command is done again at each connection. */
export interface CommandMessage {
  topic: string;
  payload: string;
  qos: 1;
  retain: false;
}

/** What a device says of a command, where its dialect has words for it beside the relay's state. */
export interface CommandAnswer {
  /** The meter's id, or an alias. */
  meterId: string;
  /** Absent: the dialect's answers name no request, and it is about the one under way. */
  requestId?: string;
  /** What is answered; absent when the answer does not say. */
  kind?: Command["kind"];
  /** Why it was not done; absent when it was. */
  error?: string;
}

/** How the devices of a dialect are commanded. Pure, as decoding is. */
export interface DialectCommands {
  /** The messages of a command; undefined when the device cannot do it, or it is not known yet where it listens. */
  messagesOf(target: CommandTarget, command: Command): CommandMessage[] | undefined;
  /** What a message says of a command; undefined for every other message. Never throws. */
  answerIn?(message: RawMessage): CommandAnswer | undefined;
}

const byDialect: ReadonlyMap<string, DialectCommands> = new Map([
  ["customer", customerCommands],
  ["tasmota", tasmotaCommands],
  ["shelly-gen2", shellyGen2Commands],
  ["shelly-gen1", shellyGen1Commands],
  ["zigbee2mqtt", zigbee2mqttCommands],
  ["esphome", esphomeCommands],
  ["ha-discovery", haDiscoveryCommands],
  ["openbeken", openbekenCommands],
  ["espurna", espurnaCommands],
  ["homie", homieCommands],
  ["tuya-mqtt", tuyaMqttCommands],
  ["wirenboard", wirenboardCommands],
  ["domoticz", domoticzCommands],
  ["openenergymonitor", openEnergyMonitorCommands],
]);

/** How devices of a dialect are commanded; undefined when they cannot be. */
export function commandsOf(dialect: string): DialectCommands | undefined {
  return byDialect.get(dialect);
}
