/** Runs the made-up home: connects its devices, fills in its past, then lives second by second. */

import { createViewer } from "./devices/device.ts";
import { createDevices } from "./devices/household.ts";
import { fillIn } from "./fill.ts";
import type { Flags } from "./flags.ts";
import { createHome } from "./model/home.ts";
import { createSwitchedHome } from "./model/switches.ts";
import { type Credential, openSession, type Session } from "./session.ts";

export interface Simulator {
  /** Settles when the history is filled in; at once without one. */
  filled: Promise<void>;
  close(): Promise<void>;
}

interface World {
  nowMs(): number;
  print(line: string): void;
  /** null for a broker that asks for none, or whose address has it. */
  credential?: Credential | null;
}

export function startSimulator(flags: Flags, { nowMs, print, credential = null }: World): Simulator {
  const home = createSwitchedHome(createHome(flags));
  const look = createViewer(home);
  // While history is filled in, the devices live in the past, so that their time only moves forward.
  let historyMs = flags.fillFromMs;
  const lookNow = () => look(historyMs ?? nowMs());
  const devices = createDevices(home, flags.homeId);
  const everyone = Promise.withResolvers<void>();
  const connection = createConnectionReport(flags.brokerUrl, devices.length, print, everyone.resolve);
  const sessions = devices.map((device) =>
    openSession({
      brokerUrl: flags.brokerUrl,
      credential,
      device,
      look: lookNow,
      isLive: () => historyMs === undefined,
      ...connection,
    }),
  );
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  async function run(): Promise<void> {
    await everyone.promise;
    const { fillFromMs } = flags;
    if (fillFromMs !== undefined) {
      const lookThen = (timeMs: number) => {
        historyMs = timeMs;
        return look(timeMs);
      };
      const isStopped = () => stopped;
      await fillIn({ fromMs: fillFromMs, toMs: nowMs(), sessions, look: lookThen, print, isStopped });
      historyMs = undefined;
    }
    if (!flags.once && !stopped) live();
  }

  /** One beat at each whole second. */
  function live(): void {
    const beat = () => {
      const timeMs = Math.floor(nowMs() / 1000) * 1000;
      publishDue(sessions, look(timeMs));
      timer = setTimeout(beat, 1000 - (nowMs() % 1000));
    };
    print(`${devices.length} devices are live.`);
    beat();
  }

  return {
    filled: run(),
    async close() {
      stopped = true;
      clearTimeout(timer);
      everyone.resolve();
      await Promise.all(sessions.map((session) => session.close()));
    },
  };
}

function publishDue(sessions: readonly Session[], view: ReturnType<ReturnType<typeof createViewer>>): void {
  for (const session of sessions) {
    // What a device measures while it is cut off is lost; its registers make up for it.
    if (!session.isConnected()) continue;
    for (const message of session.device.tick(view)) void session.publish(message);
  }
}

/** Tells once when the broker is missing and once when it is back, not for each device. */
function createConnectionReport(brokerUrl: string, devices: number, print: (line: string) => void, onAll: () => void) {
  const host = new URL(brokerUrl).host;
  let connected = 0;
  let missing = false;
  const missed = (what: string) => {
    if (!missing) print(`The broker at ${host} ${what}; the devices try again every 2 seconds.`);
    missing = true;
  };
  return {
    onConnect() {
      connected += 1;
      if (connected < devices) return;
      print(`All ${devices} devices are connected to ${host}.`);
      missing = false;
      onAll();
    },
    onDisconnect() {
      connected -= 1;
      missed("closed the connection");
    },
    onFailure: (reason: string) => missed(`cannot be reached (${reason})`),
  };
}
