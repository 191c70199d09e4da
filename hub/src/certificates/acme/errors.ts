/** Failures of getting a certificate by ACME, and when it makes sense to try again. */
import { HubError } from "../../errors.ts";

/** What a failure says about the next attempt. */
export interface AcmeFailure {
  /** The server's word on how long to wait, null for none. */
  retryAfterMs: number | null;
  /** The type of the problem without its prefix (RFC 8555 section 6.7), such as rateLimited; null for other failures. */
  problem: string | null;
}

const failures = new WeakMap<HubError, AcmeFailure>();

/** A HubError that also tells when to try again. */
export function acmeError(
  message: string,
  hint: string,
  { retryAfterMs = null, problem = null, cause }: Partial<AcmeFailure> & { cause?: unknown } = {},
): HubError {
  const error = new HubError("ACME_FAILED", message, hint, cause === undefined ? undefined : { cause });
  failures.set(error, { retryAfterMs, problem });
  return error;
}

/** What is known about a failure; nothing for those of other origin. */
export function failureOf(error: unknown): AcmeFailure {
  return (error instanceof HubError && failures.get(error)) || { retryAfterMs: null, problem: null };
}

const hints: Record<string, string> = {
  rateLimited: "The hub tries again when the authority allows it. Its test directory has no such limits.",
  unauthorized: "Check that the domain is yours and that the DNS provider's zone is the one in use.",
  dns: "Check the domain's name servers; the authority could not ask them.",
  caa: "A CAA record of the domain forbids this authority. Add one for it.",
  rejectedIdentifier: "The authority does not give certificates for this name. Check the domain in the settings.",
  invalidContact: "Check the e-mail address in the settings.",
  accountDoesNotExist: "The authority has forgotten the hub's account; a new one is made at the next attempt.",
  externalAccountRequired: "This authority wants an account made beforehand. Use Let's Encrypt.",
  userActionRequired: "The authority has new terms. Read them where its message says.",
};

/** What a person can do about a problem of that type. */
export function hintFor(problem: string): string {
  return hints[problem] ?? "The hub tries again later. If it goes on, check the domain and the provider's token.";
}
