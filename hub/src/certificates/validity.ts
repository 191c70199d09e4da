/** How long certificates live, and what that means while the true time is not known. */
import type { X509Certificate } from "node:crypto";
import type { Validity } from "./x509.ts";

export const dayMs = 86_400_000;
const yearMs = 365.25 * dayMs;

/** The hub's clock, as certificates need it. */
export interface CertificateClock {
  /** Epoch milliseconds; provisional while the true time is not known, and then rather too early than too late. */
  nowMs(): number;
  isTimeKnown(): boolean;
}

/** Long, because every phone of the home must trust a new one by hand; devices are harder to reach still. */
export const homeAuthorityMs = 10 * yearMs;
export const deviceAuthorityMs = 20 * yearMs;
export const deviceMs = 5 * yearMs;
/** Apple takes no more than 825 days from an authority that was added by hand, browsers' own rule is 398: stay below. */
export const serverMs = 397 * dayMs;

/** Clients' clocks are seldom behind by more; a provisional time may be a good deal ahead of a clock that was set back. */
const backdateMs = dayMs;
const backdateUnknownMs = 30 * dayMs;

/** A validity of `lifeMs` in all that begins a little in the past. */
export function validityOf(lifeMs: number, clock: CertificateClock): Validity {
  const fromMs = clock.nowMs() - (clock.isTimeKnown() ? backdateMs : backdateUnknownMs);
  return { fromMs, toMs: fromMs + lifeMs };
}

/** Whether a certificate should be made anew: two thirds of its life are over, or it begins later than a known time. */
export function isDue(certificate: X509Certificate, clock: CertificateClock, renewAt: number = 2 / 3): boolean {
  const [fromMs, toMs] = [certificate.validFromDate.getTime(), certificate.validToDate.getTime()];
  const nowMs = clock.nowMs();
  return nowMs > fromMs + renewAt * (toMs - fromMs) || (clock.isTimeKnown() && nowMs < fromMs);
}

/** Whether the time is within a certificate's; a start is not held against it while the true time is not known. */
export function isCurrent(certificate: X509Certificate, clock: CertificateClock): boolean {
  const nowMs = clock.nowMs();
  const hasBegun = nowMs >= certificate.validFromDate.getTime() || !clock.isTimeKnown();
  return hasBegun && nowMs < certificate.validToDate.getTime();
}
