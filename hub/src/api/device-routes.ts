/** Routes of devices: pairing, credentials, set-up cards and certificates. */
import type { FastifyRequest } from "fastify";
import { Type } from "typebox";
import type { Devices } from "../devices/devices.ts";
import type { PairingWindow } from "../devices/pairing.ts";
import { setupCard } from "../devices/setup-card.ts";
import type { DeviceRow } from "../records.ts";
import { ApiError, Device, DeviceCertificate, DeviceKind, NewDevice, Pairing } from "./contract.ts";
import { byWhom } from "./guard.ts";
import type { Api } from "./home-routes.ts";
import type { SessionRoutes } from "./session-routes.ts";

export interface DeviceRoutes extends Pick<SessionRoutes, "audit"> {
  devices: Devices;
  pairing: PairingWindow;
  homeId: string;
  /** Live connections. */
  connections(): { clientId: string; deviceId: string | null; address: string | null }[];
  metersOf(deviceId: string): string[];
  /** Where devices reach the broker. */
  broker(): { host: string; port: number };
  /** Signs a device's request (PEM), or makes key and certificate. Rejects with HubError CERTIFICATE_INVALID. */
  certify(deviceId: string, csrPem: string | null): Promise<DeviceCertificate>;
}

const Id = Type.Object({ id: Type.String({ maxLength: 64 }) });
const ClientId = Type.Object({ clientId: Type.String({ maxLength: 300 }) });
const Name = Type.String({ minLength: 1, maxLength: 64, pattern: "\\S" });
const errors = { 400: ApiError, 401: ApiError, 403: ApiError, 404: ApiError, 409: ApiError, 429: ApiError };
const none = { 204: Type.Null(), ...errors };
const closed = { additionalProperties: false };
const tags = ["devices"];

export function addDeviceRoutes(api: Api, options: DeviceRoutes): void {
  addPairingRoutes(api, options);
  addCredentialRoutes(api, options);
  addCertificateRoutes(api, options);
}

function addPairingRoutes(api: Api, options: DeviceRoutes): void {
  const config = { access: "meters.manage" } as const;
  const { pairing } = options;
  const note = noteOf(options);
  function view(): Pairing {
    const connected = new Set(options.connections().map(({ clientId }) => clientId));
    const pending = pairing.pending().map((one) => ({ ...one, isConnected: connected.has(one.clientId) }));
    return { openUntilMs: pairing.openUntilMs(), pending };
  }
  const response = { 200: Pairing, ...errors };
  api.get(
    "/api/pairing",
    { config, schema: { summary: "Whether unknown devices may wait for approval, and which do", tags, response } },
    view,
  );
  api.post(
    "/api/pairing",
    { config, schema: { summary: "Let unknown devices in to wait, for five minutes", tags, response } },
    (request) => {
      pairing.open();
      note(request, "pairing.open");
      return view();
    },
  );
  api.delete("/api/pairing", { config, schema: { summary: "Close pairing now", tags, response } }, (request) => {
    pairing.close();
    note(request, "pairing.close");
    return view();
  });
  api.post(
    "/api/pairing/:clientId",
    {
      config,
      schema: {
        summary: "Approve a waiting device: it keeps what it identified itself by",
        tags,
        params: ClientId,
        body: Type.Object({ name: Name }, closed),
        response: { 200: Device, ...errors },
      },
    },
    (request) => {
      const device = pairing.approve(request.params.clientId, request.body.name);
      note(request, "device.approve", device.name);
      return viewOf(device, options);
    },
  );
  api.delete(
    "/api/pairing/:clientId",
    { config, schema: { summary: "Refuse a waiting device", tags, params: ClientId, response: none } },
    async (request, reply) => {
      pairing.refuse(request.params.clientId);
      note(request, "device.refuse", request.params.clientId);
      return reply.code(204).send(null);
    },
  );
}

function addCredentialRoutes(api: Api, options: DeviceRoutes): void {
  const { devices } = options;
  const config = { access: "meters.manage" } as const;
  const note = noteOf(options);

  /** The only time that the password is told. */
  function told({ device, password }: { device: DeviceRow; password: string }): NewDevice {
    const { host, port } = options.broker();
    const card = setupCard({
      ...{ dialect: device.dialect, host, port, homeId: options.homeId },
      username: device.username ?? "",
      password,
    });
    return { device: viewOf(device, options), password, card };
  }

  api.get(
    "/api/devices",
    {
      config: { access: "meters.view" },
      schema: {
        summary: "Devices and programs that may publish",
        tags,
        response: { 200: Type.Array(Device), ...errors },
      },
    },
    () => devices.list().map((device) => viewOf(device, options)),
  );
  api.post(
    "/api/devices",
    {
      config,
      schema: {
        summary: "Make a credential, with a card that says how to set the device up",
        tags,
        body: Type.Object(
          {
            name: Name,
            kind: DeviceKind,
            dialect: Type.Union([Type.String({ pattern: "^[a-z0-9-]{1,32}$" }), Type.Null()]),
          },
          closed,
        ),
        response: { 200: NewDevice, ...errors },
      },
    },
    (request) => {
      const made = devices.create(request.body);
      note(request, "device.add", made.device.name);
      return told(made);
    },
  );
  api.patch(
    "/api/devices/:id",
    {
      config,
      schema: {
        summary: "Rename a device",
        tags,
        params: Id,
        body: Type.Object({ name: Name }, closed),
        response: { 200: Device, ...errors },
      },
    },
    (request) => {
      const device = devices.rename(request.params.id, request.body.name);
      note(request, "device.rename", device.name);
      return viewOf(device, options);
    },
  );
  api.post(
    "/api/devices/:id/password",
    {
      config,
      schema: {
        summary: "Make a new password; the old one ends at once",
        tags,
        params: Id,
        response: { 200: NewDevice, ...errors },
      },
    },
    (request) => {
      const renewed = devices.renew(request.params.id);
      note(request, "device.password", renewed.device.name);
      return told(renewed);
    },
  );
  api.delete(
    "/api/devices/:id",
    { config, schema: { summary: "Remove a device: it is disconnected at once", tags, params: Id, response: none } },
    async (request, reply) => {
      const { name } = devices.device(request.params.id);
      devices.remove(request.params.id);
      note(request, "device.remove", name);
      return reply.code(204).send(null);
    },
  );
}

function addCertificateRoutes(api: Api, options: DeviceRoutes): void {
  const { devices } = options;
  const config = { access: "meters.manage" } as const;
  const note = noteOf(options);
  api.post(
    "/api/devices/:id/certificate",
    {
      config,
      schema: {
        summary:
          "Give a device a certificate: for its own key (CSR), or with a key made here; the one before is revoked",
        tags,
        params: Id,
        body: Type.Object({ csrPem: Type.Optional(Type.String({ maxLength: 8_192 })) }, closed),
        response: { 200: DeviceCertificate, ...errors },
      },
    },
    async (request) => {
      const { id, name } = devices.device(request.params.id);
      const certificate = await options.certify(id, request.body.csrPem ?? null);
      devices.addCertificate({ serial: certificate.serial, deviceId: id, expiresMs: certificate.expiresMs });
      note(request, "device.certificate", name);
      return certificate;
    },
  );
  api.delete(
    "/api/devices/:id/certificate",
    { config, schema: { summary: "Revoke a device's certificate at once", tags, params: Id, response: none } },
    async (request, reply) => {
      devices.revokeCertificate(request.params.id);
      note(request, "device.revoke", devices.device(request.params.id).name);
      return reply.code(204).send(null);
    },
  );
}

function noteOf({ audit }: DeviceRoutes) {
  return (request: FastifyRequest, action: string, target?: string) =>
    audit({ ...byWhom(request), action, ...(target !== undefined && { target }) });
}

function viewOf(device: DeviceRow, { devices, connections, metersOf }: DeviceRoutes): Device {
  const { id, name, kind, dialect, clientId, username, createdMs, lastSeenMs, unusedUntilMs } = device;
  const connection = connections().find(({ deviceId }) => deviceId === id);
  const certificate = devices.certificateOf(id);
  return {
    ...{ id, name, kind, dialect, clientId, username, createdMs, lastSeenMs, unusedUntilMs },
    hasPassword: device.passwordHash !== null,
    isOnline: connection !== undefined,
    address: connection?.address ?? null,
    topics: devices.placesOf(id),
    meters: metersOf(id),
    certificate: certificate && { serial: certificate.serial, expiresMs: certificate.expiresMs },
  };
}
