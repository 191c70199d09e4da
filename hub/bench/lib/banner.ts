/** The ports that a hub says it listens on. */
import type { ChildProcess } from "node:child_process";

/** Where a hub listens. */
export interface Ports {
  httpPort: number;
  mqttPort: number;
}

/** Reads what a started hub prints until it names its ports; null when it ended before. */
export async function readBanner(child: ChildProcess): Promise<Ports | null> {
  let text = "";
  for await (const chunk of child.stdout!.iterator({ destroyOnReturn: false })) {
    text += chunk;
    const httpPort = /App +http:\/\/[^:]+:(\d+)/.exec(text)?.[1];
    const mqttPort = /Meters +mqtt:\/\/[^:]+:(\d+)/.exec(text)?.[1];
    if (!httpPort || !mqttPort || !text.includes("Data")) continue;
    child.stdout!.resume();
    return { httpPort: Number(httpPort), mqttPort: Number(mqttPort) };
  }
  return null;
}
