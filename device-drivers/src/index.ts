/** The ordered list of drivers: the first that knows a message decodes it. */
import { ahoyDtu } from "./ahoydtu/ahoydtu.ts";
import { amsReader } from "./amsreader/amsreader.ts";
import { awsShadow } from "./aws-shadow/aws-shadow.ts";
import { customer } from "./customer/customer.ts";
import { deye } from "./deye/deye.ts";
import { domoticz } from "./domoticz/domoticz.ts";
import type { Decoded, Driver, RawMessage } from "./driver.ts";
import { dsmrReader } from "./dsmr-reader/dsmr-reader.ts";
import { energyme } from "./energyme/energyme.ts";
import { enphase } from "./enphase/enphase.ts";
import { espeasy } from "./espeasy/espeasy.ts";
import { esphome } from "./esphome/esphome.ts";
import { espurna } from "./espurna/espurna.ts";
import { evcc } from "./evcc/evcc.ts";
import { fronius } from "./fronius/fronius.ts";
import { glow } from "./glow/glow.ts";
import { goECharger } from "./go-echarger/go-echarger.ts";
import { grott } from "./grott/grott.ts";
import { growattOig } from "./growatt-oig/growatt-oig.ts";
import { haDiscovery } from "./ha-discovery/ha-discovery.ts";
import { homie } from "./homie/homie.ts";
import { iamMeter } from "./iammeter/iammeter.ts";
import { makerJson } from "./maker-json/maker-json.ts";
import { makerPlain } from "./maker-plain/maker-plain.ts";
import { mbmd } from "./mbmd/mbmd.ts";
import { meross } from "./meross/meross.ts";
import { mppSolar } from "./mpp-solar/mpp-solar.ts";
import { openbeken } from "./openbeken/openbeken.ts";
import { openDtu } from "./opendtu/opendtu.ts";
import { openEnergyMonitor } from "./openenergymonitor/openenergymonitor.ts";
import { openEvse } from "./openevse/openevse.ts";
import { openWb } from "./openwb/openwb.ts";
import { p1Dongle } from "./p1-dongle/p1-dongle.ts";
import { p1Esp8266 } from "./p1-esp8266/p1-esp8266.ts";
import { pzemJson } from "./pzem-json/pzem-json.ts";
import { rtl433 } from "./rtl433/rtl433.ts";
import { shellyGen1 } from "./shelly-gen1/shelly-gen1.ts";
import { shellyGen2 } from "./shelly-gen2/shelly-gen2.ts";
import { smlReader } from "./smlreader/smlreader.ts";
import { solarAssistant } from "./solar-assistant/solar-assistant.ts";
import { sparkplugB } from "./sparkplug-b/sparkplug-b.ts";
import { sunSpecJson } from "./sunspec-json/sunspec-json.ts";
import { tasmota } from "./tasmota/tasmota.ts";
import { tuyaMqtt } from "./tuya-mqtt/tuya-mqtt.ts";
import { victron } from "./victron/victron.ts";
import { vzlogger } from "./vzlogger/vzlogger.ts";
import { wirenboard } from "./wirenboard/wirenboard.ts";
import { zigbee2mqtt } from "./zigbee2mqtt/zigbee2mqtt.ts";

export { commandsOf } from "./commands.ts";
export {
  createDefinitions,
  type DefinitionRegistry,
  type DefinitionStore,
  type StoredDefinitions,
} from "./definitions.ts";
export * from "./driver.ts";
export { createMessage } from "./message.ts";
export { createPlan, type DecodePlan, type PlanValues } from "./plan.ts";

export const drivers: readonly Driver[] = [
  customer,
  victron,
  p1Dongle,
  p1Esp8266,
  dsmrReader,
  openDtu,
  ahoyDtu,
  goECharger,
  openEvse,
  openEnergyMonitor,
  evcc,
  solarAssistant,
  deye,
  fronius,
  grott,
  growattOig,
  mppSolar,
  amsReader,
  glow,
  enphase,
  iamMeter,
  openWb,
  sunSpecJson,
  mbmd,
  smlReader,
  vzlogger,
  sparkplugB,
  tasmota,
  shellyGen2,
  shellyGen1,
  zigbee2mqtt,
  openbeken,
  tuyaMqtt,
  espurna,
  homie,
  wirenboard,
  meross,
  domoticz,
  rtl433,
  energyme,
  awsShadow,
  esphome,
  haDiscovery,
  espeasy,
  pzemJson,
  makerJson,
  makerPlain,
];

/** What a message says, and in which dialect; undefined when no driver knows it. */
export function decode(message: RawMessage): { dialect: string; decoded: Decoded } | undefined {
  for (const { dialect, decode } of drivers) {
    const decoded = decode(message);
    if (decoded) return { dialect, decoded };
  }
  return undefined;
}
