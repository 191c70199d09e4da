/** Connections to the web server: how many one address may open, and that refused ones end. */
import type { Server } from "node:net";
import type { Api } from "./home-routes.ts";

/** The app opens a handful, a proxy in front some dozens. */
const mostOfAddress = 200;

/** Closes what one address opens beyond its share, so that it cannot keep out the others. */
export function limitConnections(server: Server): void {
  const open = new Map<string, number>();
  server.on("connection", (socket) => {
    const address = socket.remoteAddress ?? "";
    const count = (open.get(address) ?? 0) + 1;
    if (count > mostOfAddress) {
      socket.destroy();
      return;
    }
    open.set(address, count);
    socket.once("close", () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left > 0) open.set(address, left);
      else open.delete(address);
    });
  });
}

/** A request for a WebSocket that was refused leaves its connection in nobody's hands. */
export function endRefusedUpgrades(api: Api): void {
  api.addHook("onResponse", async (request) => {
    if (request.headers.upgrade !== undefined) request.raw.socket.end();
  });
}
