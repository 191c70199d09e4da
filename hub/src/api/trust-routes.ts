/** Routes of the hub's own certificates: what people need to make their devices trust it. Over http too, before anything is trusted. */
import { Type } from "typebox";
import { HubError } from "../errors.ts";
import { ApiError, Trust } from "./contract.ts";
import type { Api } from "./home-routes.ts";

export interface TrustRoutes {
  trust(): Trust;
  /** A file of the hub's authority by its name; null when there is none. */
  trustFile(name: string): { type: string; bytes: Uint8Array } | null;
}

export function addTrustRoutes(api: Api, options: TrustRoutes): void {
  api.get(
    "/api/trust",
    {
      config: { access: "public" },
      schema: { summary: "How the hub proves who it is", tags: ["trust"], response: { 200: Trust } },
    },
    () => options.trust(),
  );
  api.get(
    "/trust/:file",
    {
      config: { access: "public" },
      schema: {
        summary: "The hub's authority for a phone or computer: faiban-ca.crt, faiban-ca.pem or faiban.mobileconfig",
        tags: ["trust"],
        params: Type.Object({ file: Type.String({ maxLength: 64 }) }),
        response: { 200: Type.Unsafe<Uint8Array>({ type: "string", format: "binary" }), 404: ApiError },
      },
    },
    async ({ params }, reply) => {
      const file = options.trustFile(params.file);
      if (!file) throw new HubError("NOT_FOUND", `There is no ${params.file}`, "The page /trust lists what there is.");
      return reply
        .type(file.type)
        .header("content-disposition", `attachment; filename="${params.file}"`)
        .send(file.bytes);
    },
  );
}
