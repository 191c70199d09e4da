import type { Driver } from "../driver.ts";
import { decodeLeaf } from "../leaf-table.ts";
import { obisLeaf } from "../obis.ts";

/** The firmware SMLReader on an ESP8266 or ESP32, with an optical head on a meter that sends SML. */
export const smlReader: Driver = {
  dialect: "smlreader",
  title: "SMLReader",
  devices: "meters with an optical SML port (EMH, Easymeter, Iskra, DZG and others) read by SMLReader",
  reads: "power, voltage and current by phase, energy from and to the grid by tariff",
  switches: "nothing",
  connect: "in SMLReader's Wi-Fi portal: the hub's address, any topic",
  decode(message) {
    const { levels } = message;
    const at = levels.indexOf("obis");
    if (at >= 3 && levels[at - 2] === "sensor" && levels.length === at + 4) {
      const meterId = `${levels.slice(0, at - 2).join("/")}/${levels[at - 1]}`;
      if (levels.at(-1) !== "value") return { ignored: "no measurement", meterId };
      const code = levels[at + 1] ?? "";
      const leaf = obisLeaf(code.slice(code.indexOf(":") + 1));
      if (!leaf) return { ignored: "a value that is not read", meterId };
      return decodeLeaf(message, leaf, { meterId, channelRoles: { "": "mains" } });
    }
    if (levels.at(-1) !== "info" || !message.text()?.includes("running SMLReader")) return undefined;
    return { ignored: "a greeting", meterId: `${levels.slice(0, -1).join("/")}/1` };
  },
};
