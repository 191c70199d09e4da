/**
 * Publishes through avahi-daemon, which owns mDNS on most Linux machines, with its program avahi-publish (package
 * avahi-utils): a record stays as long as the process that published it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, existsSync } from "node:fs";
import path from "node:path";
import { HubError } from "../errors.ts";
import type { Publication, PublicationEvents, Published } from "./publication.ts";

const socket = "/run/avahi-daemon/socket";

/** Whether avahi-daemon runs on this machine. */
export function isAvahiRunning(): boolean {
  return existsSync(socket);
}

/** Where avahi-publish is; null when it is not installed. */
export function findAvahiPublish(searchPath: string = process.env.PATH ?? ""): string | null {
  const files = searchPath.split(path.delimiter).map((folder) => path.join(folder, "avahi-publish"));
  return files.find(isExecutable) ?? null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const mostAddresses = 8;
const mostText = 4096;

/** One process an address and one a service; when one ends, all do. */
export function publishWithAvahi(program: string, published: Published, events: PublicationEvents): Publication {
  let isClosed = false;
  const children = commandLines(published).map((args) => {
    // English, since its words tell what happened.
    const env = { ...process.env, LC_ALL: "C" };
    const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"], env });
    void outcome(child).then(onEnd);
    return child;
  });

  function onEnd(said: string): void {
    if (isClosed) return;
    void close();
    // The words of avahi's avahi-utils/avahi-publish.c and avahi-common/error.c.
    if (/host name conflict|local name collision/i.test(said)) events.onConflict();
    else events.onFailed(failed(said));
  }

  async function close(): Promise<void> {
    isClosed = true;
    await Promise.all(children.map(end));
  }

  return { close };
}

function commandLines({ host, instance, services, addresses }: Published): string[][] {
  const fullHost = `${host}.local`;
  return [
    // Without reverse entries: those belong to the machine's own name.
    ...addresses.slice(0, mostAddresses).map(({ address }) => ["-a", "-R", fullHost, address]),
    ...services.map(({ type, port }) => ["-s", "-H", fullHost, instance, `_${type}._tcp`, String(port)]),
  ];
}

/** Resolves when the process has ended, with the end of what it said. */
function outcome(child: ChildProcess): Promise<string> {
  let said = "";
  child.stderr?.on("data", (bytes) => {
    said = (said + bytes).slice(-mostText);
  });
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", () => resolve(said));
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill();
  await ended;
}

function failed(said: string): HubError {
  return new HubError(
    "ANNOUNCE_FAILED",
    `The hub's name could not be published through avahi: ${said.trim().split("\n").at(-1) || "it ended"}`,
    "Look at systemctl status avahi-daemon. Until then open the hub by its address.",
  );
}
