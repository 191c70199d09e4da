/** The table of supported devices, from what drivers say of themselves: `node device-drivers/src/supported.ts`. */
import type { Driver } from "./driver.ts";
import { drivers } from "./index.ts";

/** The drivers as a Markdown table; what a driver does not say is left empty. */
export function supportedTable(list: readonly Driver[]): string {
  const rows = list.map((driver) => {
    const { dialect, title, devices = "", reads = "", switches = "", connect = "" } = driver;
    return [`[\`${dialect}\`](src/${dialect}/README.md)`, devices || title, reads, switches, connect];
  });
  const head = ["dialect", "devices", "what is read", "what can be switched", "how to connect"];
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.map(cell).join(" | ")} |\n`).join("");
}

/** A bar would begin a new cell. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

if (import.meta.main) process.stdout.write(supportedTable(drivers));
