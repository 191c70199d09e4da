import { readMac } from "../ids.ts";

/** Devices by the first part of their id, as they are sold. */
const models: ReadonlyMap<string, string> = new Map([
  ["shellyplus1", "Shelly Plus 1"],
  ["shellyplus1pm", "Shelly Plus 1PM"],
  ["shellyplus2pm", "Shelly Plus 2PM"],
  ["shelly1pmmini", "Shelly Plus 1PM Mini"],
  ["shelly1mini", "Shelly Plus 1 Mini"],
  ["shellypmmini", "Shelly Plus PM Mini"],
  ["shellyplus1pmmini", "Shelly Plus 1PM Mini"],
  ["shellyplus1mini", "Shelly Plus 1 Mini"],
  ["shellypluspmmini", "Shelly Plus PM Mini"],
  ["shellyplusplugs", "Shelly Plus Plug S"],
  ["shellyplugus", "Shelly Plus Plug US"],
  ["shellyplusplugit", "Shelly Plus Plug IT"],
  ["shellypluspluguk", "Shelly Plus Plug UK"],
  ["shellyplusht", "Shelly Plus H&T"],
  ["shellypro1pm", "Shelly Pro 1PM"],
  ["shellypro2pm", "Shelly Pro 2PM"],
  ["shellypro4pm", "Shelly Pro 4PM"],
  ["shellypro3em", "Shelly Pro 3EM"],
  ["shellypro3em63", "Shelly Pro 3EM-3CT63"],
  ["shellypro3em400", "Shelly Pro 3EM-400"],
  ["shellyproem50", "Shelly Pro EM-50"],
  ["shelly1g3", "Shelly 1 Gen3"],
  ["shelly1pmg3", "Shelly 1PM Gen3"],
  ["shelly2pmg3", "Shelly 2PM Gen3"],
  ["shelly1pmminig3", "Shelly 1PM Mini Gen3"],
  ["shellypmminig3", "Shelly PM Mini Gen3"],
  ["shellyplugsg3", "Shelly Plug S Gen3"],
  ["shellyhtg3", "Shelly H&T Gen3"],
  ["shellyemg3", "Shelly EM Gen3"],
  ["shelly3em63g3", "Shelly 3EM-63 Gen3"],
  ["shellyplusi4", "Shelly Plus I4"],
  ["shellyplusuni", "Shelly Plus Uni"],
  ["shellyplus010v", "Shelly Plus 0-10V Dimmer"],
  ["shellyplusrgbwpm", "Shelly Plus RGBW PM"],
  ["shellypluswdus", "Shelly Wall Dimmer"],
  ["shellypro1", "Shelly Pro 1"],
  ["shellypro2", "Shelly Pro 2"],
  ["shellypro3", "Shelly Pro 3"],
  ["shellypro2cover", "Shelly Pro Dual Cover PM"],
  ["shellyprodm1pm", "Shelly Pro Dimmer 1PM"],
  ["shellyprodm2pm", "Shelly Pro Dimmer 2PM"],
  ["shellyprorgbwwpm", "Shelly Pro RGBWW PM"],
  ["shelly1minig3", "Shelly 1 Mini Gen3"],
  ["shelly1lg3", "Shelly 1L Gen3"],
  ["shelly2lg3", "Shelly 2L Gen3"],
  ["shellyi4g3", "Shelly I4 Gen3"],
  ["shelly0110dimg3", "Shelly Dimmer 0/1-10V PM Gen3"],
  ["shellyddimmerg3", "Shelly DALI Dimmer Gen3"],
  ["shellydimmerg3", "Shelly Dimmer Gen3"],
  ["shellyshutterg3", "Shelly Shutter Gen3"],
  ["shellyazplug", "Shelly AZ Plug"],
  ["shellyplugmg3", "Shelly Plug M Gen3"],
  ["shellyplugpmg3", "Shelly Plug PM Gen3"],
  ["shellyoutdoorsg3", "Shelly Outdoor Plug S Gen3"],
  ["shelly1g4", "Shelly 1 Gen4"],
  ["shelly1minig4", "Shelly 1 Mini Gen4"],
  ["shelly1pmminig4", "Shelly 1PM Mini Gen4"],
  ["shellyplugsg4", "Shelly Plug S Gen4"],
  ["shellyplugusg4", "Shelly Plug US Gen4"],
  ["shellypstripg4", "Shelly Power Strip Gen4"],
  ["shellyemminig4", "Shelly EM Mini Gen4"],
  ["shellydimmerg4", "Shelly Dimmer Gen4"],
  ["shelly1pmg4", "Shelly 1PM Gen4"],
  ["shelly2pmg4", "Shelly 2PM Gen4"],
  ["shellyemg4", "Shelly EM Gen4"],
]);

/** What the factory's id, `shellyplus1pm-a8032abe2f18`, says; a prefix that the user renamed says less or nothing. */
export function identityFromId(id: string): { model?: string; mac?: string } {
  const dash = id.lastIndexOf("-");
  const family = id.slice(id.lastIndexOf("/", dash) + 1, dash === -1 ? undefined : dash).toLowerCase();
  const mac = dash === -1 ? undefined : readMac(id.slice(dash + 1));
  const model = models.get(family) ?? (mac && family.startsWith("shelly") ? family : undefined);
  return { ...(model && { model }), ...(mac && { mac }) };
}

/** Whether an id is of Gen2, Gen3 or Gen4, rather than of the first generation or anything else. */
export function isGen2Id(id: string): boolean {
  return /^shelly(?:plus|pro)|^shelly[a-z0-9]*(?:g\d|mini)-/i.test(id);
}

/** Whether an id is of a room's temperature and humidity sensor. */
export function isClimateId(id: string): boolean {
  return /^shelly(?:plus)?ht(?:g\d)?-/i.test(id);
}
