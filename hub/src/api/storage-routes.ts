/** Routes of what the hub keeps: its size now and in years, how long readings stay, and making rollups anew. */
import { Type } from "typebox";
import { HubError } from "../errors.ts";
import type * as model from "../model.ts";
import { ApiError, Retention, Storage } from "./contract.ts";
import type { Api } from "./home-routes.ts";

export interface StorageRoutes {
  storage(): Omit<Storage, "forecast">;
  /** Throws HubError BAD_REQUEST. */
  setRetention(retention: Retention): void;
  findMeter(id: string): model.Meter | undefined;
  /** Makes a meter's rollups anew from its readings. */
  rebuild(meter: model.Meter): void;
}

const tenYearsDays = 3653;

export function addStorageRoutes(api: Api, options: StorageRoutes): void {
  api.get(
    "/api/storage",
    {
      config: { access: "home.view" },
      schema: {
        summary: "What the hub keeps, what it takes on the disk, and what it will take",
        tags: ["storage"],
        response: { 200: Storage },
      },
    },
    () => withForecast(options.storage()),
  );
  api.put(
    "/api/storage/retention",
    {
      config: { access: "home.manage", audit: "settings.retention" },
      schema: {
        summary: "Set how long raw readings and minutes are kept; what is too old is deleted soon",
        tags: ["storage"],
        body: Retention,
        response: { 200: Storage, 400: ApiError },
      },
    },
    ({ body }) => {
      options.setRetention(body);
      return withForecast(options.storage());
    },
  );
  api.post(
    "/api/storage/rebuild/:meterId",
    {
      config: { access: "home.manage", audit: "meter.rebuild" },
      schema: {
        summary: "Make a meter's minutes, quarter hours and days anew from its raw readings",
        tags: ["storage"],
        params: Type.Object({ meterId: Type.String() }),
        response: { 204: Type.Null(), 404: ApiError },
      },
    },
    async ({ params }, reply) => {
      const meter = options.findMeter(params.meterId);
      if (!meter) {
        throw new HubError("NOT_FOUND", `There is no meter "${params.meterId}"`, "GET /api/meters lists all.");
      }
      options.rebuild(meter);
      return reply.code(204).send(null);
    },
  );
}

/** Sums the quantities, and compares with the disk what they will come to. */
function withForecast(storage: Omit<Storage, "forecast">): Storage {
  const sum = (column: "bytes" | "bytesPerDay" | "bytesInTenYears") =>
    storage.quantities.reduce((total, usage) => total + usage[column], 0);
  const stored = sum("bytes");
  // Pages are never quite full: what the file takes beyond its content, it will take of more content too.
  const overhead = stored === 0 ? 1 : Math.min(2, Math.max(1, storage.sizeBytes / stored));
  const bytesPerDay = Math.round(sum("bytesPerDay") * overhead);
  const bytesInTenYears = Math.round(sum("bytesInTenYears") * overhead);
  const { freeBytes } = storage.disk;
  const fits = bytesInTenYears <= storage.sizeBytes + freeBytes;
  const daysUntilFull = fits || bytesPerDay === 0 ? null : Math.min(tenYearsDays, Math.floor(freeBytes / bytesPerDay));
  return {
    ...storage,
    quantities: storage.quantities.map((usage) => ({
      ...usage,
      bytes: Math.round(usage.bytes),
      bytesPerDay: Math.round(usage.bytesPerDay),
      bytesInTenYears: Math.round(usage.bytesInTenYears),
    })),
    forecast: { bytesPerDay, bytesInTenYears, fits, daysUntilFull },
  };
}
