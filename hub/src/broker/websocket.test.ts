import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { connectAsync } from "mqtt";
import { expect, onTestFinished, test } from "vitest";
import { createWebSocketStream, WebSocketServer } from "ws";
import type { ConnectRequest } from "./broker.ts";
import { openBroker, received, until } from "./harness.ts";

test("MQTT over WebSocket is served as TCP is, knows its request, and counts as a connection", async () => {
  const requests: ConnectRequest[] = [];
  const rights = { mayPublish: () => true, maySubscribe: () => true, mayRead: () => true };
  const { broker } = await openBroker(undefined, undefined, {
    limits: { maxConnectionsPerAddress: 1 },
    admit(request) {
      requests.push(request);
      return { identity: "app", rights, keepsSession: true };
    },
  });
  const server = createServer().listen(0, "127.0.0.1");
  const sockets = new WebSocketServer({ server });
  sockets.on("connection", (socket, request) => broker.handle(createWebSocketStream(socket), request));
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/mqtt`;
  const client = await connectAsync(url, { reconnectPeriod: 0 });
  onTestFinished(() => void client.end(true));
  const messages = received(client);
  await client.subscribeAsync("t", { qos: 2 });
  for (const qos of [0, 1, 2] as const) await client.publishAsync("t", `${qos}`, { qos });
  await until(() => messages.length === 3, "the messages");
  expect(messages.map(({ qos }) => qos)).toEqual([0, 1, 2]);
  expect(requests).toMatchObject([{ transport: "websocket", remoteAddress: "127.0.0.1", tlsSocket: null }]);
  expect(requests[0]?.request?.url).toBe("/mqtt");
  await expect(connectAsync(url, { reconnectPeriod: 0, connectTimeout: 2_000 })).rejects.toThrow();
  expect(broker.clients()).toBe(1);
});
