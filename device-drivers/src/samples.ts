/**
 * Recorded messages as JSON lines: `topic`, `payload` (`base64:` before bytes that are no text), `retain`, `expect`, and in
 * `known` what messages before defined about the topic.
 */
import { Buffer } from "node:buffer";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { DefinitionData, RawMessage } from "./driver.ts";
import { createMessage, type KnownAbout } from "./message.ts";

export interface Sample {
  topic: string;
  payload: string;
  retain?: boolean;
  /** By the dialect that defined it. */
  known?: Readonly<Record<string, readonly DefinitionData[]>>;
}

const bytesMark = "base64:";

/** One line as a sample, with whatever else stands in it; throws an Error that says what is wrong with the line. */
export function parseSample(line: string): Sample & Record<string, unknown> {
  const value: unknown = JSON.parse(line);
  if (typeof value !== "object" || value === null) throw new Error("the line is not a JSON object");
  const { topic, payload, retain, known } = value as Record<string, unknown>;
  if (typeof topic !== "string" || topic === "") throw new Error("the line has no topic");
  if (payload === undefined) throw new Error("the line has no payload");
  const text = typeof payload === "string" ? payload : JSON.stringify(payload);
  const defined = typeof known === "object" && known !== null ? { known: known as NonNullable<Sample["known"]> } : {};
  return { ...value, topic, payload: text, retain: retain === true, ...defined };
}

/** The recorded messages of a dialect's driver; throws an Error when a line is broken. */
export function fixturesOf(dialect: string): (Sample & Record<string, unknown>)[] {
  const folder = join(import.meta.dirname, dialect, "fixtures");
  const files = readdirSync(folder).filter((file) => file.endsWith(".jsonl"));
  const lines = files.flatMap((file) => readFileSync(join(folder, file), "utf8").trimEnd().split("\n"));
  return lines.map(parseSample);
}

/** The message; `known` says what messages before it defined about its topic, where the sample itself does not. */
export function messageOf({ topic, payload, retain = false, known: own }: Sample, known?: KnownAbout): RawMessage {
  const bytes = payload.startsWith(bytesMark)
    ? Buffer.from(payload.slice(bytesMark.length), "base64")
    : Buffer.from(payload, "utf8");
  const knownAbout = own ? (_: string, dialect: string) => own[dialect] ?? [] : known;
  return createMessage({ topic, payload: bytes, retain, ...(knownAbout && { known: knownAbout }) });
}
