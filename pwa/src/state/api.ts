import type { ApiError } from "../../../hub/src/api/contract.ts";
import { t } from "../i18n/text.ts";

/** What went wrong with a request, in words for the household. */
export class RequestFailure extends Error {
  readonly code: string;
  readonly hint: string;

  constructor(error: ApiError) {
    super(error.message);
    this.code = error.code;
    this.hint = error.hint;
  }
}

/** A failure in one line: what went wrong and what to do. */
export function inWords(error: unknown): string {
  return error instanceof RequestFailure ? `${error.message}. ${error.hint}` : t("error.unreadableHint");
}

export function getJson<T>(path: string): Promise<T> {
  return request<T>(path, {});
}

export function patchJson<T>(path: string, body: object): Promise<T> {
  const headers = { "content-type": "application/json" };
  return request<T>(path, { method: "PATCH", headers, body: JSON.stringify(body) });
}

async function request<T>(path: string, init: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, { ...init, signal: AbortSignal.timeout(15_000) });
  } catch {
    throw unreachable();
  }
  const body: unknown = await response.json().catch(() => null);
  if (response.ok && body !== null) return body as T;
  if (isApiError(body)) throw new RequestFailure(body);
  // A proxy in front of a hub that is down answers in its place.
  throw response.status >= 500 ? unreachable() : unreadable();
}

function isApiError(body: unknown): body is ApiError {
  return typeof body === "object" && body !== null && "message" in body && "hint" in body && "code" in body;
}

function unreachable(): RequestFailure {
  return new RequestFailure({
    code: "UNREACHABLE",
    message: t("error.unreachable"),
    hint: t("error.unreachableHint"),
  });
}

function unreadable(): RequestFailure {
  return new RequestFailure({ code: "UNREADABLE", message: t("error.unreadable"), hint: t("error.unreadableHint") });
}
