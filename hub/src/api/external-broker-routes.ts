/** Routes of the brokers that the home has beside the hub's own. */
import { Type } from "typebox";
import { BrokerChange, BrokerTest, ExternalBroker, ExternalBrokers } from "./broker-contract.ts";
import { ApiError } from "./contract.ts";
import type { Api } from "./home-routes.ts";

export interface ExternalBrokerRoutes {
  /** Its functions throw HubError BAD_REQUEST, NOT_FOUND and TOO_MANY. */
  externalBrokers: {
    list(): ExternalBrokers;
    add(change: BrokerChange): Promise<ExternalBroker>;
    change(id: string, change: BrokerChange): Promise<ExternalBroker>;
    remove(id: string): Promise<void>;
    /** Tries settings out, without keeping them; `id` is whose secrets stand for those left out, or "new". */
    test(id: string, change: BrokerChange): Promise<BrokerTest>;
  };
}

const one = Type.Object({ id: Type.String({ maxLength: 64 }) });
const tags = ["brokers"];

export function addExternalBrokerRoutes(api: Api, { externalBrokers }: ExternalBrokerRoutes): void {
  api.get(
    "/api/brokers",
    {
      config: { access: "home.manage" },
      schema: { summary: "The external brokers, and how they are", tags, response: { 200: ExternalBrokers } },
    },
    () => externalBrokers.list(),
  );
  api.post(
    "/api/brokers",
    {
      config: { access: "home.manage", audit: "broker.add" },
      schema: {
        summary: "Listen on another broker",
        tags,
        body: BrokerChange,
        response: { 201: ExternalBroker, 400: ApiError, 409: ApiError },
      },
    },
    async ({ body }, reply) => reply.code(201).send(await externalBrokers.add(body)),
  );
  api.put(
    "/api/brokers/:id",
    {
      config: { access: "home.manage", audit: "broker.change" },
      schema: {
        summary: "Change an external broker; a stored password is kept only for the server it was given for",
        tags,
        params: one,
        body: BrokerChange,
        response: { 200: ExternalBroker, 400: ApiError, 404: ApiError },
      },
    },
    ({ params, body }) => externalBrokers.change(params.id, body),
  );
  api.delete(
    "/api/brokers/:id",
    {
      config: { access: "home.manage", audit: "broker.remove" },
      schema: {
        summary: "Forget an external broker; its meters stay",
        tags,
        params: one,
        response: { 204: Type.Null(), 404: ApiError },
      },
    },
    async ({ params }, reply) => {
      await externalBrokers.remove(params.id);
      return reply.code(204).send(null);
    },
  );
  api.post(
    "/api/brokers/:id/test",
    {
      config: { access: "home.manage", audit: "broker.test" },
      schema: {
        summary: "Connect with these settings for some seconds, and say what was found; id is `new` before it is added",
        tags,
        params: one,
        body: BrokerChange,
        response: { 200: BrokerTest, 400: ApiError, 404: ApiError, 429: ApiError },
      },
    },
    ({ params, body }) => externalBrokers.test(params.id, body),
  );
}
