import { expect, test } from "vitest";
import { problemOf, retryAfterMs } from "./transport.ts";

test("Retry-After is read as seconds and as a date", () => {
  const nowMs = Date.UTC(2027, 0, 1);
  const cases = ["120", "Fri, 01 Jan 2027 00:05:00 GMT", "Fri, 01 Jan 2026 00:00:00 GMT", "soon", "", null];
  expect(cases.map((header) => retryAfterMs(header, nowMs))).toEqual([120_000, 300_000, 0, null, null, null]);
});

test("a problem is what the server says, and a busy server without words is busy", () => {
  const body = { type: "urn:ietf:params:acme:error:caa", detail: "CAA forbids" };
  expect(problemOf(403, body)).toEqual({ type: "caa", detail: "CAA forbids" });
  expect(problemOf(503, "<html>")).toEqual({ type: "rateLimited", detail: "status 503" });
  expect(problemOf(500, null)).toEqual({ type: "unknown", detail: "status 500" });
});
