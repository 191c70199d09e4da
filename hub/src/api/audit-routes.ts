/** Routes of the audit log: a page of it, whether it is as it was written, all of it as a table. */
import { Readable } from "node:stream";
import { Type } from "typebox";
import type { Audit } from "../audit/audit.ts";
import type { AuditRow } from "../records.ts";
import { ApiError, AuditCheck, AuditPage } from "./contract.ts";
import { byWhom } from "./guard.ts";
import type { Api } from "./home-routes.ts";

export interface AuditRoutes {
  auditLog: Audit;
}

const config = { access: "audit.view" } as const;
const tags = ["audit"];
const errors = { 400: ApiError, 401: ApiError, 403: ApiError };

export function addAuditRoutes(api: Api, { auditLog }: AuditRoutes): void {
  api.get(
    "/api/audit",
    {
      config,
      schema: {
        summary: "Who did what, newest first",
        tags,
        querystring: Type.Object({
          before: Type.Optional(Type.Integer({ minimum: 1, description: "Of the page before: its nextBefore" })),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 100 })),
        }),
        response: { 200: AuditPage, ...errors },
      },
    },
    ({ query }) => {
      const limit = query.limit ?? 100;
      const rows = auditLog.before(query.before ?? Number.MAX_SAFE_INTEGER, limit);
      return {
        entries: rows.map(({ hash, actorId, ...entry }) => entry),
        nextBefore: rows.length === limit ? (rows.at(-1)?.seq ?? null) : null,
      };
    },
  );
  api.get(
    "/api/audit/check",
    {
      config,
      schema: { summary: "Whether every entry is as it was written", tags, response: { 200: AuditCheck, ...errors } },
    },
    () => auditLog.check(),
  );
  api.get(
    "/api/audit/export.csv",
    {
      config,
      schema: {
        summary: "The whole log as CSV, with each entry's hash",
        tags,
        produces: ["text/csv"],
        response: { 200: Type.Unsafe<Readable>({ type: "string" }), ...errors },
      },
    },
    async (request, reply) => {
      auditLog.add({ ...byWhom(request), action: "audit.export" });
      return reply
        .type("text/csv; charset=utf-8")
        .header("content-disposition", 'attachment; filename="faiban-audit.csv"')
        .send(Readable.from(linesOf(auditLog.all())));
    },
  );
}

function* linesOf(rows: Iterable<AuditRow>): Generator<string> {
  yield "seq,time,actor,action,target,address,detail,hash\r\n";
  for (const { seq, timeMs, actor, action, target, address, detail, hash } of rows) {
    const cells = [actor, action, target, address, detail].map(cell);
    yield [seq, new Date(timeMs).toISOString(), ...cells, Buffer.from(hash).toString("hex")].join(",").concat("\r\n");
  }
}

/** RFC 4180; a text that a spreadsheet would run as a formula is marked as text. */
function cell(text: string | null): string {
  if (text === null) return "";
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
