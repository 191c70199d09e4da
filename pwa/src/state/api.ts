import type { ApiError } from "../../../hub/src/api/contract.ts";
import { isKey, t } from "../i18n/text.ts";
import { waitS } from "./wait.ts";

const TIMEOUT_MS = 15_000;

/** What went wrong with a request, in words for the household. */
export class RequestFailure extends Error {
  readonly code: string;
  readonly hint: string;
  /** HTTP status; 0 when nothing answered. */
  readonly status: number;
  /** How long the hub asks to wait; null when it does not say. */
  readonly waitS: number | null;

  constructor(error: ApiError, status = 0, waitS: number | null = null) {
    super(error.message);
    this.code = error.code;
    this.hint = error.hint;
    this.status = status;
    this.waitS = waitS;
  }
}

/** A failure in one line: what went wrong and what to do, in the app's words where it has them. */
export function inWords(error: unknown): string {
  if (!(error instanceof RequestFailure)) return t("error.unreadableHint");
  const key = `failure.${error.code}`;
  return isKey(key) ? t(key) : `${error.message}. ${error.hint}`;
}

export function isFailure(error: unknown, code: string): boolean {
  return error instanceof RequestFailure && error.code === code;
}

export function getJson<T>(path: string): Promise<T> {
  return request<T>(path, {});
}

export function postJson<T>(path: string, body: object = {}): Promise<T> {
  return request<T>(path, withBody("POST", body));
}

export function patchJson<T>(path: string, body: object): Promise<T> {
  return request<T>(path, withBody("PATCH", body));
}

/** Deletes; answers null where the hub has nothing to say. */
export function deleteJson<T = null>(path: string, body?: object): Promise<T> {
  return request<T>(path, body ? withBody("DELETE", body) : { method: "DELETE" });
}

/** Where a part of the hub is found, wherever the app is served. */
export function addressOf(path: string): string {
  return new URL(path.replace(/^\//, ""), document.baseURI).href;
}

let onSignedOut = () => {};

/** Sets what happens when the hub knows nobody behind the requests any more. */
export function whenSignedOut(act: () => void): void {
  onSignedOut = act;
}

function withBody(method: string, body: object): RequestInit {
  return { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

/** One request; a session that has run out is renewed once on the way. */
async function request<T>(path: string, init: RequestInit): Promise<T> {
  try {
    return await requestOnce<T>(path, init);
  } catch (failure) {
    if (!isFailure(failure, "SIGN_IN_NEEDED")) throw failure;
    await refreshed();
    return requestOnce<T>(path, init);
  }
}

let refreshing: Promise<void> | null = null;

/** Renews the session, once for all the requests that wait for it. */
function refreshed(): Promise<void> {
  refreshing ??= requestOnce<unknown>("/api/session/refresh", withBody("POST", {}))
    .then(() => {})
    .catch((failure) => {
      // A hub that does not answer has not signed anybody out.
      if (failure instanceof RequestFailure && failure.status === 401) onSignedOut();
      throw failure;
    })
    .finally(() => {
      refreshing = null;
    });
  return refreshing;
}

async function requestOnce<T>(path: string, init: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(addressOf(path), { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch {
    throw unreachable();
  }
  if (response.status === 204) return null as T;
  const body: unknown = await response.json().catch(() => null);
  if (response.ok && body !== null) return body as T;
  if (isApiError(body)) {
    throw new RequestFailure(body, response.status, waitS(response.headers.get("retry-after"), body.hint));
  }
  // A proxy in front of a hub that is down answers in its place.
  throw response.status >= 500 ? unreachable() : unreadable(response.status);
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

function unreadable(status: number): RequestFailure {
  return new RequestFailure(
    { code: "UNREADABLE", message: t("error.unreadable"), hint: t("error.unreadableHint") },
    status,
  );
}
