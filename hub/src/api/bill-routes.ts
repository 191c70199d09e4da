/** Routes of tariffs and bills. */
import { Type } from "typebox";
import {
  BillNow,
  Bills,
  Comparison,
  PaperFigure,
  PastBill,
  Plan,
  Recomputed,
  Split,
  TariffAnswer,
  TariffSettings,
} from "./bill-contract.ts";
import { ApiError } from "./contract.ts";
import type { Api } from "./home-routes.ts";

export interface BillRoutes {
  /** Each throws HubError BAD_REQUEST for what cannot be billed, NOT_FOUND for a cycle that is not there. */
  bills: {
    plans(): Plan[];
    tariff(): TariffAnswer;
    setTariff(settings: TariffSettings): TariffAnswer;
    now(): BillNow;
    list(): Bills;
    get(cycleStart: string): PastBill;
    recompute(cycleStart: string): Recomputed;
    notePaper(cycleStart: string, paper: PaperFigure): PastBill;
    compare(question: { mostCycles: number; planIds: readonly string[] | null }): Promise<Comparison>;
    split(question: { cycle: string | null; by: Split["by"] | null; fixed: "by_energy" | "equally" }): Split;
  };
  /** A bill as a table. */
  billCsv(bill: PastBill): string;
}

/** Own tariffs come with the settings: the whole of the Thai ones are 30 kB. */
const settingsLimit = 256 * 1024;
const LocalDate = Type.String({ pattern: "^\\d{4}-\\d{2}-\\d{2}$", description: "The cycle's first date" });
const OfCycle = Type.Object({ cycleStart: LocalDate });
const errors = { 400: ApiError, 404: ApiError };

export function addBillRoutes(api: Api, { bills, billCsv }: BillRoutes): void {
  addTariffRoutes(api, bills);
  addPastRoutes(api, bills, billCsv);
  api.get(
    "/api/bill",
    {
      config: { access: "home.view" },
      schema: {
        summary: "The present cycle's bill so far, what it is expected to come to, and what a kWh costs now and next",
        tags: ["bills"],
        response: { 200: BillNow, ...errors },
      },
    },
    () => bills.now(),
  );
  api.get(
    "/api/bill/compare",
    {
      config: { access: "home.view" },
      schema: {
        summary: "What the same use would have cost on other plans, the cheapest first",
        tags: ["bills"],
        querystring: Type.Object({
          cycles: Type.Optional(
            Type.Integer({ minimum: 1, maximum: 24, description: "The last so many; 12 when absent" }),
          ),
          plans: Type.Optional(
            Type.String({
              maxLength: 1_000,
              description: "Ids with commas between; plans like the present one when absent",
            }),
          ),
        }),
        response: { 200: Comparison, ...errors },
      },
    },
    ({ query: { cycles, plans } }) =>
      bills.compare({ mostCycles: cycles ?? 12, planIds: plans === undefined ? null : idsOf(plans) }),
  );
  api.get(
    "/api/bill/split",
    {
      config: { access: "home.view" },
      schema: {
        summary: "A bill divided among circuits or appliances by what they used and when; the shares add up",
        tags: ["bills"],
        querystring: Type.Object({
          cycle: Type.Optional(LocalDate),
          by: Type.Optional(Split.properties.by),
          fixed: Type.Optional(
            Type.Union([Type.Literal("by_energy"), Type.Literal("equally")], {
              description: "How fixed charges are divided; by_energy when absent",
            }),
          ),
        }),
        response: { 200: Split, ...errors },
      },
    },
    ({ query: { cycle, by, fixed } }) =>
      bills.split({ cycle: cycle ?? null, by: by ?? null, fixed: fixed ?? "by_energy" }),
  );
}

function addTariffRoutes(api: Api, bills: BillRoutes["bills"]): void {
  api.get(
    "/api/tariffs",
    {
      config: { access: "home.view" },
      schema: { summary: "The plans there are", tags: ["bills"], response: { 200: Type.Array(Plan), ...errors } },
    },
    () => bills.plans(),
  );
  api.get(
    "/api/tariff",
    {
      config: { access: "home.view" },
      schema: { summary: "How the household is billed", tags: ["bills"], response: { 200: TariffAnswer, ...errors } },
    },
    () => bills.tariff(),
  );
  api.put(
    "/api/tariff",
    {
      config: { access: "home.manage", audit: "settings.tariff" },
      bodyLimit: settingsLimit,
      schema: {
        summary: "Set how the household is billed; bills that are final stay as they are",
        tags: ["bills"],
        body: TariffSettings,
        response: { 200: TariffAnswer, ...errors },
      },
    },
    ({ body }) => bills.setTariff(body),
  );
}

function addPastRoutes(api: Api, bills: BillRoutes["bills"], billCsv: BillRoutes["billCsv"]): void {
  api.get(
    "/api/bills",
    {
      config: { access: "home.view" },
      schema: {
        summary: "The bills of past cycles, the newest first",
        tags: ["bills"],
        response: { 200: Bills, ...errors },
      },
    },
    () => bills.list(),
  );
  api.get(
    "/api/bills/:cycleStart",
    {
      config: { access: "home.view" },
      schema: {
        summary: "The bill of a cycle; a day after its end it is final",
        tags: ["bills"],
        params: OfCycle,
        response: { 200: PastBill, ...errors },
      },
    },
    ({ params }) => bills.get(params.cycleStart),
  );
  api.get(
    "/api/bills/:cycleStart.csv",
    {
      config: { access: "home.view" },
      schema: {
        summary: "The bill of a cycle as CSV",
        tags: ["bills"],
        produces: ["text/csv"],
        params: OfCycle,
        response: { 200: Type.String(), ...errors },
      },
    },
    async ({ params }, reply) =>
      reply
        .type("text/csv; charset=utf-8")
        .header("content-disposition", `attachment; filename="bill-${params.cycleStart}.csv"`)
        .send(billCsv(bills.get(params.cycleStart))),
  );
  api.post(
    "/api/bills/:cycleStart/recompute",
    {
      config: { access: "home.manage", audit: "bill.recompute" },
      schema: {
        summary: "Make a final bill anew from the present settings and readings; the answer says what is different",
        tags: ["bills"],
        params: OfCycle,
        response: { 200: Recomputed, ...errors },
      },
    },
    ({ params }) => bills.recompute(params.cycleStart),
  );
  api.put(
    "/api/bills/:cycleStart/paper",
    {
      config: { access: "home.manage", audit: "bill.paper" },
      schema: {
        summary: "Note what the utility's own bill of the cycle says",
        tags: ["bills"],
        params: OfCycle,
        body: PaperFigure,
        response: { 200: PastBill, ...errors },
      },
    },
    ({ params, body }) => bills.notePaper(params.cycleStart, body),
  );
}

function idsOf(list: string): string[] {
  return [...new Set(list.split(",").map((id) => id.trim()))].filter((id) => id !== "");
}
