/** A hub with an owner, a browser that is signed in, and meters with credentials. */
import { connectAsync, type MqttClient } from "mqtt";
import type { BrowserContext } from "playwright-core";
import { onTestFinished } from "vitest";
import type * as api from "../../src/api/contract.ts";
import type { TestHub } from "../harness.ts";

export const owner = { name: "มาลี", password: "mango-river-9" };

/** Makes a new hub the owner's; returns it. */
export async function claimed(hub: TestHub, basePath = "/"): Promise<TestHub> {
  const home = { name: "บ้านสวน", timeZone: "Asia/Bangkok", currency: "THB", tariffRegion: "TH-MEA" };
  await post(`${hub.url}${basePath}api/claim`, { ...owner, language: "th", home });
  return hub;
}

/** Signs a browser in, as its own requests would. */
export async function signIn(context: BrowserContext, hub: TestHub, who = owner): Promise<void> {
  const response = await context.request.post(`${hub.url}/api/session`, { data: who });
  if (!response.ok()) throw new Error(`Nobody signed in: ${await response.text()}`);
}

/** Asks the hub something as its owner. */
export async function asOwner(hub: TestHub) {
  const session = await post<api.Session>(`${hub.url}/api/session`, { ...owner, wantsTokens: true });
  const headers = { authorization: `Bearer ${session.tokens?.accessToken}` };
  return {
    post: <T>(path: string, body: object = {}) => post<T>(hub.url + path, body, headers),
    async get<T>(path: string): Promise<T> {
      return answer<T>(await fetch(hub.url + path, { headers }));
    },
  };
}

/** Makes a credential that may speak for many meters. */
export async function makeProgram(hub: TestHub): Promise<api.NewDevice> {
  const asked = await asOwner(hub);
  return asked.post<api.NewDevice>("/api/devices", { name: "Test program", kind: "program", dialect: null });
}

export interface Connecting {
  username: string;
  password: string;
  clientId?: string;
  will?: { topic: string; payload: string };
}

/** An MQTT client with a credential, ended with the test. */
export async function connect(hub: TestHub, { will, ...credential }: Connecting): Promise<MqttClient> {
  const client = await connectAsync(`mqtt://127.0.0.1:${hub.mqttPort}`, {
    ...credential,
    reconnectPeriod: 0,
    ...(will && { will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 1 as const, retain: true } }),
  });
  client.on("error", () => {}); // a hub that is killed resets the connection
  onTestFinished(() => void client.end(true));
  return client;
}

/** A client of a program with a credential of its own. */
export async function connectProgram(hub: TestHub, will?: Connecting["will"]): Promise<MqttClient> {
  const { device, password } = await makeProgram(hub);
  return connect(hub, { username: device.username ?? "", password, ...(will && { will }) });
}

async function post<T>(address: string, body: object, headers: Record<string, string> = {}): Promise<T> {
  const method = "POST";
  return answer<T>(
    await fetch(address, {
      method,
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    }),
  );
}

async function answer<T>(response: Response): Promise<T> {
  if (!response.ok) throw new Error(`${response.url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}
