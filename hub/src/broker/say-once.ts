/** Says what strangers cause once and not each time, so that they cannot fill the log. */
const mostRemembered = 1_000;
const rememberMs = 3_600_000;

/** Makes a function that passes a line on unless it was passed on within the hour. */
export function createSayOnce(say: (line: string) => void): (line: string) => void {
  const saidMs = new Map<string, number>();
  return (line) => {
    const nowMs = performance.now();
    const before = saidMs.get(line);
    if (before !== undefined && nowMs - before < rememberMs) return;
    // When there are too many different ones, silence is better than a flood.
    if (saidMs.size >= mostRemembered && before === undefined) {
      for (const [old, ms] of saidMs) if (nowMs - ms >= rememberMs) saidMs.delete(old);
      if (saidMs.size >= mostRemembered) return;
    }
    saidMs.set(line, nowMs);
    say(line);
  };
}
