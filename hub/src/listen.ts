/** Opening a port, with an error that says which setting to change. */
import type { Server } from "node:net";
import { environmentName } from "./config.ts";
import { HubError } from "./errors.ts";

export interface Address {
  host: string;
  port: number;
  /** The setting of the port, such as mqttPort. */
  setting: string;
}

/** Listens, and resolves to the port (of use when it was 0). Rejects with HubError. */
export function listen(server: Server, address: Address): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => reject(listenError(cause, address)));
    server.listen(address.port, address.host, () => {
      const bound = server.address();
      resolve(typeof bound === "object" && bound ? bound.port : address.port);
    });
  });
}

/** What a failure to listen means to a person. */
export function listenError(cause: unknown, { host, port, setting }: Address): HubError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const variable = environmentName(setting);
  if (code === "EADDRINUSE") {
    return new HubError(
      "PORT_TAKEN",
      `Port ${port} is taken by another program`,
      `Stop that program, or set ${variable} to a free port (0 picks one).`,
      { cause },
    );
  }
  const hint =
    code === "EACCES"
      ? `Set ${variable} to a port above 1023.`
      : `Set ${variable.replace("PORT", "HOST")} to an address of this machine, such as 0.0.0.0 for all of them.`;
  return new HubError("PORT_REFUSED", `Cannot listen on ${host} port ${port}: ${message}`, hint, { cause });
}
