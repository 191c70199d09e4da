/** The keys of a configuration in full: devices send short ones, and `~` for a part that topics have in common. */
import type { JsonObject } from "../readings.ts";
import { isJsonObject } from "../readings.ts";

/** From Home Assistant's documentation of MQTT discovery, as far as they are read here. */
const fullKeys: ReadonlyMap<string, string> = new Map(
  Object.entries({
    avty: "availability",
    avty_mode: "availability_mode",
    avty_t: "availability_topic",
    avty_tpl: "availability_template",
    cmd_t: "command_topic",
    cmps: "components",
    def_ent_id: "default_entity_id",
    dev: "device",
    dev_cla: "device_class",
    ent_cat: "entity_category",
    json_attr_t: "json_attributes_topic",
    o: "origin",
    obj_id: "object_id",
    p: "platform",
    pl_avail: "payload_available",
    pl_not_avail: "payload_not_available",
    pl_off: "payload_off",
    pl_on: "payload_on",
    stat_cla: "state_class",
    stat_off: "state_off",
    stat_on: "state_on",
    stat_t: "state_topic",
    t: "topic",
    uniq_id: "unique_id",
    unit_of_meas: "unit_of_measurement",
    val_tpl: "value_template",
  }),
);

const fullDeviceKeys: ReadonlyMap<string, string> = new Map(
  Object.entries({
    cns: "connections",
    ids: "identifiers",
    mdl: "model",
    mdl_id: "model_id",
    mf: "manufacturer",
    sn: "serial_number",
    sw: "sw_version",
  }),
);

/** Devices have some twenty keys; more are a fault of their sender. */
const maxKeys = 200;
const maxListed = 16;

/** A configuration with its keys in full and whole topics. */
export function expandConfig(config: JsonObject): JsonObject {
  const base = typeof config["~"] === "string" ? config["~"] : undefined;
  const expanded = expandKeys(config, fullKeys, base);
  const { device, availability } = expanded;
  return {
    ...expanded,
    ...(isJsonObject(device) && { device: expandKeys(device, fullDeviceKeys, undefined) }),
    ...(availability !== undefined && { availability: expandList(availability, base) }),
  };
}

function expandList(availability: unknown, base: string | undefined): JsonObject[] {
  const list = Array.isArray(availability) ? availability.slice(0, maxListed) : [availability];
  return list.filter(isJsonObject).map((one) => expandKeys(one, fullKeys, base));
}

function expandKeys(object: JsonObject, full: ReadonlyMap<string, string>, base: string | undefined): JsonObject {
  const entries = Object.entries(object).slice(0, maxKeys);
  return Object.fromEntries(entries.map(([key, value]) => [full.get(key) ?? key, wholeTopic(value, base)]));
}

function wholeTopic(value: unknown, base: string | undefined): unknown {
  if (typeof value !== "string" || base === undefined) return value;
  if (value.startsWith("~")) return base + value.slice(1);
  return value.endsWith("~") ? value.slice(0, -1) + base : value;
}
