/** The broker's clients as the hub knows them: what each shows when it connects, and who is connected. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import type { Identity } from "./access/roles.ts";
import { allRights } from "./access/topic-rights.ts";
import type { NewEntry } from "./audit/audit.ts";
import {
  type Admission,
  type Broker,
  allRights as brokersAllRights,
  type ConnectRequest,
  type RefusedAction,
} from "./broker/broker.ts";
import type { Certificates } from "./certificates/certificates.ts";
import { isLoopbackHost } from "./config.ts";
import type { Admitted, Client, ClientIdentity } from "./devices/admission.ts";

export interface MqttClientsOptions {
  broker: Pick<Broker<ClientIdentity>, "sessions" | "handle">;
  admit(client: Client): Promise<Admitted>;
  /** null when nothing is encrypted. */
  certificates: Pick<Certificates, "mqttPeer"> | null;
  audit(entry: NewEntry): void;
}

export type MqttClients = ReturnType<typeof createMqttClients>;

export function createMqttClients({ broker, admit, certificates, audit }: MqttClientsOptions) {
  /** Who opened the WebSocket behind a request. */
  const openers = new WeakMap<IncomingMessage, Identity>();

  function clientOf(request: ConnectRequest): Client {
    const { clientId, username, password, remoteAddress, transport } = request;
    const address = remoteAddress ?? "";
    return {
      ...{ clientId, username, password, address },
      isLocal: transport !== "websocket" && isLoopbackHost(address),
      certificate: request.tlsSocket && certificateOf(request.tlsSocket),
      opener: (request.request && openers.get(request.request)) ?? null,
    };
  }

  function certificateOf(socket: TLSSocket): Client["certificate"] {
    const peer = certificates?.mqttPeer(socket);
    if (!peer || peer.kind === "anonymous") return null;
    return peer.kind === "device" ? peer.device.credentialId : "bad";
  }

  return {
    async admit(request: ConnectRequest): Promise<Admission<ClientIdentity>> {
      const admitted = await admit(clientOf(request));
      if ("refused" in admitted) {
        const { clientId, remoteAddress } = request;
        audit({
          actor: "?",
          action: "device.refused",
          target: clientId,
          address: remoteAddress ?? "",
          detail: admitted.why,
          mayFlood: true,
        });
      }
      // The broker asks nothing at all where it knows its own word for "everything".
      else if (admitted.rights === allRights) return { ...admitted, rights: brokersAllRights };
      return admitted;
    },
    /** A client did what it may not. */
    noteRefused(identity: ClientIdentity | null, { action, topic }: RefusedAction): void {
      if (identity?.kind !== "device") return;
      audit({ actor: identity.name, action: `device.no_${action}`, target: topic, mayFlood: true });
    },
    handleWebSocket(stream: Duplex, request: IncomingMessage, opener: Identity | null): void {
      if (opener) openers.set(request, opener);
      broker.handle(stream, request);
    },
    /** The live client of that id, undefined when there is none. */
    clientOf: (clientId: string): ClientIdentity | undefined =>
      broker.sessions().find((live) => live.clientId === clientId)?.identity ?? undefined,
    list: () =>
      broker.sessions().map(({ clientId, identity, address }) => ({
        ...{ clientId, address },
        deviceId: identity?.kind === "device" ? identity.deviceId : null,
      })),
  };
}
