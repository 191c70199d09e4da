/** Failures of certificates that a person can act on. */
import { HubError } from "../errors.ts";

/** A certificate cannot be used. */
export function certificateError(message: string, hint: string, cause?: unknown): HubError {
  return new HubError("CERTIFICATE_INVALID", message, hint, cause === undefined ? undefined : { cause });
}

/** An error for the log: what failed, and what to do about it. */
export function shown(error: unknown): string {
  if (error instanceof HubError) return `${error.message}. ${error.hint}`;
  return error instanceof Error ? error.message : String(error);
}
