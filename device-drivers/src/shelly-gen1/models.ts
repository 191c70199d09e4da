/** Devices by the first part of their id, as they are sold; from Shelly's documentation of the Gen1 API. */
const models: ReadonlyMap<string, string> = new Map([
  ["shelly1", "Shelly 1"],
  ["shelly1l", "Shelly 1L"],
  ["shelly1pm", "Shelly 1PM"],
  ["shellyswitch", "Shelly 2"],
  ["shellyswitch25", "Shelly 2.5"],
  ["shelly4pro", "Shelly 4Pro"],
  ["shellyplug", "Shelly Plug"],
  ["shellyplug-s", "Shelly Plug S"],
  ["shellyplug-u1", "Shelly Plug US"],
  ["shellyem", "Shelly EM"],
  ["shellyem3", "Shelly 3EM"],
  ["shellydimmer", "Shelly Dimmer"],
  ["shellydimmer2", "Shelly Dimmer 2"],
  ["shellyrgbw2", "Shelly RGBW2"],
  ["shellybulb", "Shelly Bulb"],
  ["shellycolorbulb", "Shelly Bulb RGBW"],
  ["shellybulbduo", "Shelly Duo"],
  ["shellyvintage", "Shelly Vintage"],
  ["shellyht", "Shelly H&T"],
  ["shellyix3", "Shelly i3"],
  ["shellyuni", "Shelly UNI"],
]);

/** The same devices by the type that an announcement has. */
const types: ReadonlyMap<string, string> = new Map([
  ["SHSW-1", "Shelly 1"],
  ["SHSW-L", "Shelly 1L"],
  ["SHSW-PM", "Shelly 1PM"],
  ["SHSW-21", "Shelly 2"],
  ["SHSW-25", "Shelly 2.5"],
  ["SHSW-44", "Shelly 4Pro"],
  ["SHPLG-1", "Shelly Plug"],
  ["SHPLG2-1", "Shelly Plug"],
  ["SHPLG-S", "Shelly Plug S"],
  ["SHPLG-U1", "Shelly Plug US"],
  ["SHEM", "Shelly EM"],
  ["SHEM-3", "Shelly 3EM"],
  ["SHDM-1", "Shelly Dimmer"],
  ["SHDM-2", "Shelly Dimmer 2"],
  ["SHRGBW2", "Shelly RGBW2"],
  ["SHHT-1", "Shelly H&T"],
  ["SHUNI-1", "Shelly UNI"],
]);

/** The model that the factory's id, `shellyem3-68C63AFAF952`, tells; undefined for a name of the user's. */
export function modelFromId(id: string): string | undefined {
  const dash = id.lastIndexOf("-");
  return dash === -1 ? undefined : models.get(id.slice(0, dash).toLowerCase());
}

/** The model by its type, such as `SHSW-PM`, or the type itself where it is not known. */
export function modelFromType(type: string): string {
  return types.get(type) ?? type;
}
