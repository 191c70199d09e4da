/**
 * Whose a topic is. Every device publishes under a place of its own in its dialect's tree (`tele/plug-1/…` and
 * `stat/plug-1/…` are one place), and hears its commands there. The first device that speaks at a place owns it; what
 * another sends there is refused.
 */

export interface Place {
  /** The same for all topics of one device, in all directions. */
  key: string;
  /** `up`: what the device says. `down`: commands to it, which only the hub writes. */
  direction: "up" | "down";
}

/** What the hub alone writes and no device may read. */
export type PlaceOf = Place | "hub" | "group";

/** Topics that many devices hear, by which a hub calls all at once. */
const groups = [
  /^cmnd\/(tasmotas|sonoffs)\//,
  /^(tasmotas|sonoffs)\/cmnd\//,
  /^shellies\/command$/,
  /^(homeassistant|hass)\/status$/,
  /^esphome\/discover$/,
];

/** Topics that every device may publish on: announcements that name their sender. */
const announcements = /^(shellies\/announce$|esphome\/discover\/|espurna\/announce)/;

/** Trees whose second level names the device. */
const treesOfDevices = new Set(
  "shellies homie esphome solar inverter glow device go-eCharger emon mbmd espurna iotawatt".split(" "),
);

/** Trees of which one program speaks for all devices in them. */
const treesOfPrograms = new Set(
  "zigbee2mqtt dsmr p1 solar_assistant openevse domoticz rtl_433 evcc openWB vzlogger".split(" "),
);

/** The name that a Shelly gives itself, such as shellyplus1pm-a8032ab12345; it stands before all its topics. */
const shellyName = /^shelly[a-z0-9]+-[0-9a-f]{6,12}$/i;

/** Last levels under which devices hear commands. */
const commandLevels = new Set(["set", "command", "cmd", "cmnd", "rpc"]);

/** The longest place that is kept. */
const longestKey = 256;

/** Whose a topic is; null for one that nobody may own, such as an empty or a too long one. */
export function placeOf(topic: string): PlaceOf | null {
  const name = topic.startsWith("/") ? topic.slice(1) : topic;
  if (name === "" || name.length > longestKey || name.startsWith("$")) return name.startsWith("$") ? "hub" : null;
  if (groups.some((group) => group.test(name))) return "group";
  const levels = name.split("/");
  return native(levels) ?? tasmota(levels) ?? known(levels) ?? other(levels);
}

/** Whether any device may publish on a topic, because it only announces itself there. */
export function isAnnouncement(topic: string): boolean {
  return announcements.test(topic);
}

/** The hub's own tree: `home/{home}/device/{id}/…`, `home/{home}/cmd/{id}/…`, `home/{home}/sensor/…`, `home/{home}/system/…`. */
function native([root, home, area, ...rest]: string[]): PlaceOf | undefined {
  if (root !== "home" || home === undefined || area === undefined) return undefined;
  if (area === "system") return "hub";
  const [id] = rest;
  if (area === "device") {
    if (id === undefined || id === "status") return "hub"; // status/all is the hub's summary
    return { key: `home/${home}/device/${id}`, direction: isCommand(rest.slice(1)) ? "down" : "up" };
  }
  if (area === "cmd") return id === undefined ? "hub" : { key: `home/${home}/device/${id}`, direction: "down" };
  if (area !== "sensor") return undefined;
  return { key: ["home", home, area, ...rest].join("/"), direction: "up" };
}

const tasmotaPrefixes = new Set(["tele", "stat", "cmnd"]);

/** `%prefix%/%topic%/…`, `%topic%/%prefix%/…`, and either behind levels of the user's own. */
function tasmota(levels: string[]): Place | undefined {
  if (levels[0] === "tasmota" && levels[1] === "discovery") {
    return { key: `tasmota/discovery/${levels[2] ?? ""}`, direction: "up" };
  }
  const at = levels.slice(0, 4).findIndex((level) => tasmotaPrefixes.has(level));
  if (at < 0 || levels.length < at + 2) return undefined;
  const isNamedBehind = levels.length - at - 1 >= 2;
  const own = isNamedBehind ? [...levels.slice(0, at), levels[at + 1]] : levels.slice(0, at);
  if (own.length === 0) return undefined;
  return { key: `tasmota:${own.join("/")}`, direction: levels[at] === "cmnd" ? "down" : "up" };
}

function known(levels: string[]): Place | undefined {
  const [root = "", id = ""] = levels;
  // Victron: N says, R and W are asked and set.
  if (/^[NRW]$/.test(root) && levels.length > 2) {
    return { key: `victron:${id}`, direction: root === "N" ? "up" : "down" };
  }
  if (root === "homeassistant" && levels.length >= 4) {
    return { key: levels.slice(0, 3).join("/"), direction: "up" };
  }
  if (treesOfPrograms.has(root)) return { key: root, direction: "up" };
  if (shellyName.test(root)) return { key: root, direction: isCommand(levels.slice(1)) ? "down" : "up" };
  if (treesOfDevices.has(root) && levels.length > 2) {
    return { key: `${root}/${id}`, direction: isCommand(levels.slice(2)) ? "down" : "up" };
  }
  return undefined;
}

/** A tree that nobody has described: its first two levels are the place, so that makers' devices may share the first. */
function other(levels: string[]): Place {
  const key = levels.length > 2 ? levels.slice(0, 2).join("/") : levels.join("/");
  return { key, direction: isCommand(levels.slice(1)) ? "down" : "up" };
}

function isCommand(rest: string[]): boolean {
  const [before, last] = [rest.at(-2), rest.at(-1)];
  const isShellyEvent = before === "events" && last === "rpc";
  return last !== undefined && commandLevels.has(last) && !isShellyEvent;
}
