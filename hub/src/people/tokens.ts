/** Tokens: random ones, of which only a hash is kept, and access tokens, which say themselves who bears them. */
import { createHash, createHmac, hkdfSync, randomBytes, timingSafeEqual } from "node:crypto";
import { errors, jwtVerify, SignJWT } from "jose";

const secretBytes = 32;
/** An access token is of use for so long; ending a session ends it at once all the same. */
export const accessMs = 15 * 60_000;
const issuer = "faiban";
const algorithm = "HS256";

/** A random token that nobody can guess. */
export function randomToken(bytes = secretBytes): string {
  return randomBytes(bytes).toString("base64url");
}

/** The same in letters that a token can be taken apart by. */
export function randomHex(): string {
  return randomBytes(secretBytes).toString("hex");
}

/** What is kept of a random token: it has far more bits than anybody can try, so a plain hash suffices. */
export function tokenHash(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

/** Whether a token has that hash, in a time that does not tell where they differ. */
export function isToken(token: string, hash: Uint8Array | null): boolean {
  const found = tokenHash(token);
  return hash !== null && hash.length === found.length && timingSafeEqual(found, hash);
}

export interface AccessTokens {
  /** An access token of a session, good until `nowMs` plus `accessMs`. */
  sign(session: { id: string; personId: string }, nowMs: number): Promise<string>;
  /** The session that a token is of; null when it is forged, of another hub, or too old. */
  verify(token: string, nowMs: number): Promise<string | null>;
  /** The refresh token of a session's generation: nobody without the key can make it, so none needs to be kept. */
  refreshToken(session: { id: string; generation: number }): string;
  /** What a refresh token is of, null when it is forged. */
  readRefreshToken(token: string): { id: string; generation: number } | null;
}

/** Access tokens (JWT, RFC 7519) and refresh tokens under a hub's own key of 32 bytes. */
export function accessTokens(key: Uint8Array): AccessTokens {
  const refreshKey = Buffer.from(hkdfSync("sha256", key, "", "faiban refresh token", secretBytes));
  const seal = (content: string) => createHmac("sha256", refreshKey).update(content).digest();

  return {
    refreshToken: ({ id, generation }) => `${id}.${generation}.${seal(`${id}.${generation}`).toString("base64url")}`,
    readRefreshToken(token) {
      const [, id = "", generation = "", text = ""] = /^([\w-]{1,64})\.(\d{1,15})\.([\w-]{43})$/.exec(token) ?? [];
      const given = Buffer.from(text, "base64url");
      const right = seal(`${id}.${generation}`);
      const isRight = given.length === right.length && timingSafeEqual(given, right);
      return isRight ? { id, generation: Number(generation) } : null;
    },
    sign: ({ id, personId }, nowMs) =>
      new SignJWT({ sid: id })
        .setProtectedHeader({ alg: algorithm, typ: "JWT" })
        .setSubject(personId)
        .setIssuer(issuer)
        .setAudience(issuer)
        .setIssuedAt(Math.floor(nowMs / 1_000))
        .setExpirationTime(Math.floor((nowMs + accessMs) / 1_000))
        .sign(key),
    async verify(token, nowMs) {
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms: [algorithm],
          issuer,
          audience: issuer,
          currentDate: new Date(nowMs),
          requiredClaims: ["exp", "sub"],
        });
        return typeof payload.sid === "string" ? payload.sid : null;
      } catch (error) {
        if (error instanceof errors.JOSEError) return null;
        throw error;
      }
    },
  };
}
