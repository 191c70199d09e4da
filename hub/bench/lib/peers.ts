/** The programs that the hub is measured beside: started with a port, a folder and settings of their own. */
import { mkdirSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import path from "node:path";
import { findPeer } from "../../scripts/peers.mjs";
import { openConnection } from "./connection.ts";
import { BenchError, freePort, newFolder, type Run, type Running, start, until } from "./processes.ts";

/** A started peer. */
export interface Peer extends Running {
  port: number;
  folder: string;
}

/** A started time-series database. */
export interface Database extends Peer {
  kind: DatabaseKind;
  /** Where line protocol with times in ms is posted to. */
  writeUrl: string;
}

/** The time-series databases that the hub is compared with. */
export type DatabaseKind = (typeof databaseKinds)[number];

/** All of them, installed or not. */
export const databaseKinds = ["victoria-metrics", "influxdb"] as const;

/** The peer databases that are installed here; a word to people for each that is not. */
export function installedDatabases(run: Run): DatabaseKind[] {
  return databaseKinds.filter((kind) => isInstalled(run, kind));
}

/** Whether the peer is installed; tells people when it is not. */
export function isInstalled(run: Run, name: DatabaseKind | "mosquitto"): boolean {
  if (findPeer(name)) return true;
  run.say(`${name} is not installed, so it is left out; npm run bench -- --install-peers brings it.`);
  return false;
}

/**
 * A mosquitto that drops nothing and keeps its state in its folder at the end, without syncing single messages.
 * `isPrompt` sends small packets at once, which helps a slow pace and hurts a fast one.
 */
export async function startMosquitto(run: Run, { isPrompt = false } = {}): Promise<Peer> {
  const port = await freePort();
  const folder = newFolder(run, "mosquitto");
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, "bench.conf");
  const settings = [
    `listener ${port} 127.0.0.1`,
    "allow_anonymous true",
    "persistence true",
    `persistence_location ${folder}/`,
    "max_queued_messages 0",
    "max_inflight_messages 0",
    `set_tcp_nodelay ${isPrompt}`,
    "log_dest none",
    // Started by root, it would become a user that may not write the folder.
    `user ${userInfo().username}`,
  ];
  writeFileSync(file, `${settings.join("\n")}\n`);
  const running = start(run, "mosquitto", [programOf("mosquitto"), "-c", file], { isSilent: true });
  await until(running, () => probe(port), "its first answer");
  return { ...running, port, folder };
}

/** A database that keeps samples of any age. `isEager` makes InfluxDB compact at once what it would within hours. */
export async function startDatabase(
  run: Run,
  kind: DatabaseKind,
  { folder = newFolder(run, kind), isEager = false } = {},
): Promise<Database> {
  const port = await freePort();
  const running =
    kind === "influxdb"
      ? start(run, kind, [programOf(kind), "run", "-config", "/dev/null"], {
          env: { ...influxSettings(folder, port, await freePort()), ...(isEager ? eagerInflux : {}) },
          isSilent: true,
        })
      : start(run, kind, [programOf(kind), ...victoriaFlags(folder, port)]);
  const url = `http://127.0.0.1:${port}`;
  await until(running, () => answers(`${url}${kind === "influxdb" ? "/ping" : "/health"}`), "its first answer");
  if (kind === "influxdb") await request(`${url}/query?${new URLSearchParams({ q: "CREATE DATABASE bench" })}`, "");
  return { ...running, kind, port, folder, writeUrl: `${url}/write?db=bench&precision=ms` };
}

/** Posts lines, and throws BenchError when they are not taken. */
export async function writeLines({ writeUrl }: Database, lines: Iterable<string>): Promise<void> {
  const batchLines = 5_000; // InfluxData recommends 5,000 to 10,000 points a request
  let batch: string[] = [];
  for (const line of lines) {
    batch.push(line);
    if (batch.length < batchLines) continue;
    await request(writeUrl, batch.join("\n"));
    batch = [];
  }
  if (batch.length > 0) await request(writeUrl, batch.join("\n"));
}

/** Posts a body, or gets when there is none; throws BenchError when the answer is a refusal. */
export async function request(url: string, body?: string): Promise<string> {
  const response = await fetch(url, body === undefined ? {} : { method: "POST", body });
  const text = await response.text();
  if (response.ok) return text;
  throw new BenchError(`${url} answered ${response.status}: ${text.slice(0, 300)}`);
}

async function probe(port: number): Promise<true> {
  const socket = await openConnection(port, "bench-probe", () => {});
  socket.destroy();
  return true;
}

async function answers(url: string): Promise<true | undefined> {
  return (await fetch(url)).ok || undefined;
}

function programOf(name: DatabaseKind | "mosquitto"): string {
  const program = findPeer(name);
  if (program) return program;
  throw new BenchError(`${name} is not installed; npm run bench -- --install-peers brings it.`);
}

function influxSettings(folder: string, port: number, rpcPort: number): Record<string, string> {
  return {
    INFLUXDB_META_DIR: path.join(folder, "meta"),
    INFLUXDB_DATA_DIR: path.join(folder, "data"),
    INFLUXDB_DATA_WAL_DIR: path.join(folder, "wal"),
    INFLUXDB_HTTP_BIND_ADDRESS: `127.0.0.1:${port}`,
    INFLUXDB_BIND_ADDRESS: `127.0.0.1:${rpcPort}`,
    INFLUXDB_HTTP_LOG_ENABLED: "false",
    INFLUXDB_DATA_QUERY_LOG_ENABLED: "false",
    // What it says of itself is no sample of ours.
    INFLUXDB_MONITOR_STORE_ENABLED: "false",
    INFLUXDB_REPORTING_DISABLED: "true",
  };
}

/** InfluxDB moves what is at rest to its files after 10 minutes, and compacts them wholly after 4 hours. */
const eagerInflux = {
  INFLUXDB_DATA_CACHE_SNAPSHOT_WRITE_COLD_DURATION: "1s",
  INFLUXDB_DATA_COMPACT_FULL_WRITE_COLD_DURATION: "1s",
};

function victoriaFlags(folder: string, port: number): string[] {
  return [
    `-storageDataPath=${folder}`,
    `-httpListenAddr=127.0.0.1:${port}`,
    "-retentionPeriod=100y",
    "-loggerLevel=ERROR",
  ];
}
