/** One line of a recording: an MQTT message as JSON. A payload that is no text is `base64:…`. */

export interface RecordedMessage {
  topic: string;
  payload: Buffer;
  /** Absent when the line has no time. */
  timeMs?: number;
  retain: boolean;
}

interface Received {
  timeMs: number;
  topic: string;
  payload: Buffer;
  qos: number;
  retain: boolean;
}

const bytesPrefix = "base64:";
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function writeLine({ timeMs, topic, payload, qos, retain }: Received): string {
  return JSON.stringify({ time: new Date(timeMs).toISOString(), topic, payload: writePayload(payload), qos, retain });
}

function writePayload(payload: Buffer): string {
  try {
    const text = utf8.decode(payload);
    // A text that looks like encoded bytes would be read back as such.
    if (!text.startsWith(bytesPrefix)) return text;
  } catch {
    // Not UTF-8.
  }
  return bytesPrefix + payload.toString("base64");
}

/** The message, or why the line is none. */
export function readLine(line: string): RecordedMessage | { bad: string } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return { bad: "it is no JSON" };
  }
  if (typeof parsed !== "object" || parsed === null) return { bad: "it is no JSON object" };
  const { topic, payload, time, retain } = parsed as Record<string, unknown>;
  if (typeof topic !== "string" || topic === "" || /[+#\0]/.test(topic)) return { bad: '"topic" must name one topic' };
  if (typeof payload !== "string") return { bad: '"payload" must be a text' };
  const timeMs = readTime(time);
  if (Number.isNaN(timeMs)) return { bad: '"time" must be milliseconds or as "2026-02-06T14:30:00Z"' };
  const bytes = readPayload(payload);
  if (!bytes) return { bad: '"payload" is no valid base64' };
  return { topic, payload: bytes, retain: retain === true, ...(timeMs === undefined ? {} : { timeMs }) };
}

function readTime(time: unknown): number | undefined {
  if (time === undefined || time === null) return undefined;
  if (typeof time === "number" && Number.isFinite(time)) return time;
  return typeof time === "string" ? Date.parse(time) : Number.NaN;
}

function readPayload(payload: string): Buffer | undefined {
  if (!payload.startsWith(bytesPrefix)) return Buffer.from(payload);
  const encoded = payload.slice(bytesPrefix.length);
  return /^[A-Za-z0-9+/]*={0,2}$/.test(encoded) ? Buffer.from(encoded, "base64") : undefined;
}
