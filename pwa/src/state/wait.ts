/** How long to wait before the next try: by the header Retry-After, else by a number of seconds or minutes in the hint. */
export function waitS(retryAfter: string | null, hint: string): number | null {
  if (retryAfter && /^\d+$/.test(retryAfter.trim())) return Number(retryAfter);
  const found = /(\d+)\s*(s|sec|seconds?|min|minutes?)\b/i.exec(hint);
  if (!found) return null;
  return Number(found[1]) * (found[2]!.toLowerCase().startsWith("m") ? 60 : 1);
}
