/** The app's session in cookies that no script can read and no other site can send. */
import type {} from "@fastify/cookie";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Tokens } from "../people/sessions.ts";

type Kind = "access" | "refresh";

/** A browser lets nothing on http overwrite a Secure cookie of the same name: each scheme has its own. */
function cookieName(request: FastifyRequest, kind: Kind): string {
  return `${request.protocol === "https" ? "__Secure-" : ""}faiban_${kind}`;
}

export function readSessionCookie(request: FastifyRequest, kind: Kind): string | undefined {
  return request.cookies[cookieName(request, kind)];
}

/** Hands the tokens to the browser; `basePath` ends with a slash. */
export function setSessionCookies(reply: FastifyReply, tokens: Tokens, basePath: string, nowMs: number): void {
  const { request } = reply;
  const base = { httpOnly: true, sameSite: "strict", secure: request.protocol === "https" } as const;
  const seconds = (untilMs: number) => Math.max(1, Math.floor((untilMs - nowMs) / 1_000));
  reply.setCookie(cookieName(request, "access"), tokens.accessToken, {
    ...base,
    path: basePath,
    maxAge: seconds(tokens.accessExpiresMs),
  });
  if (tokens.refreshToken === null) return;
  reply.setCookie(cookieName(request, "refresh"), tokens.refreshToken, {
    ...base,
    path: `${basePath}api/session`,
    maxAge: seconds(tokens.refreshExpiresMs),
  });
}

export function clearSessionCookies(reply: FastifyReply, basePath: string): void {
  const secure = reply.request.protocol === "https";
  reply.clearCookie(cookieName(reply.request, "access"), { path: basePath, secure });
  reply.clearCookie(cookieName(reply.request, "refresh"), { path: `${basePath}api/session`, secure });
}
