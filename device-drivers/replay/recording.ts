/** Reads a recording step by step, whichever form it has; the file is never in memory as a whole. */

import { createReadStream } from "node:fs";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { readLine } from "./recorded-line.ts";
import { knownUnits, type Layout, readHeader, readRow, rowMessages } from "./wide-csv.ts";

/** What one row of the recording says. */
export interface Step {
  row: number;
  /** When it was said, shifted if asked; absent when the recording does not know. */
  timeMs?: number;
  messages: { topic: string; payload: string | Buffer; retain: boolean }[];
}

export interface ReadOptions {
  file: string;
  homeId: string;
  /** Moves the whole recording in time so that its first row is at this instant. */
  startMs?: number;
  /** A remark about the file as a whole. */
  onRemark(sentence: string): void;
  onBadRow(row: number, why: string): void;
}

/** The recording cannot be read (on). */
export class RecordingError extends Error {}

const lineMax = 4 * 1024 * 1024;

export async function* readRecording(options: ReadOptions): AsyncGenerator<Step> {
  let read: ((line: string, row: number) => Step | undefined) | undefined;
  for await (const { line, row } of readLines(options.file)) {
    if (line.trim() === "") continue;
    if (read) {
      const step = read(line, row);
      if (step) yield step;
    } else if (line.trimStart().startsWith("{")) {
      read = createJsonReader(options);
      const step = read(line, row);
      if (step) yield step;
    } else {
      read = createCsvReader(line, options);
    }
  }
  if (!read) throw new RecordingError(`${options.file} is empty.`);
}

function createJsonReader({ onBadRow, startMs }: ReadOptions) {
  const shift = createShift(startMs);
  return (line: string, row: number): Step | undefined => {
    const message = readLine(line);
    if ("bad" in message) {
      onBadRow(row, message.bad);
      return undefined;
    }
    const { timeMs, ...rest } = message;
    return { row, messages: [rest], ...(timeMs === undefined ? {} : { timeMs: timeMs + shift(timeMs) }) };
  };
}

function createCsvReader(header: string, { file, homeId, startMs, onRemark, onBadRow }: ReadOptions) {
  const layout = layoutOf(header, file);
  if (layout.leftOut.length > 0) {
    onRemark(`Left out, because their units are none of ${knownUnits}: ${layout.leftOut.join(", ")}.`);
  }
  const shift = createShift(startMs);
  return (line: string, row: number): Step | undefined => {
    const read = readRow(line, layout);
    if ("bad" in read) {
      onBadRow(row, read.bad);
      return undefined;
    }
    // Whole seconds stay whole: rows keep their distances either way.
    const tsS = read.tsS + Math.round(shift(read.tsS * 1000) / 1000);
    const messages = rowMessages(read, tsS, layout, homeId).map((message) => ({ ...message, retain: false }));
    return { row, timeMs: tsS * 1000, messages };
  };
}

function layoutOf(header: string, file: string): Layout {
  const layout = readHeader(header);
  if (!("bad" in layout)) return layout;
  throw new RecordingError(`${file} cannot be replayed: ${layout.bad}. It begins with "${header.slice(0, 60)}".`);
}

/** The distance from the first time to `startMs`, for all times alike. */
function createShift(startMs: number | undefined): (timeMs: number) => number {
  let shiftMs: number | undefined;
  return (timeMs) => {
    if (startMs === undefined) return 0;
    shiftMs ??= startMs - timeMs;
    return shiftMs;
  };
}

async function* readLines(file: string): AsyncGenerator<{ line: string; row: number }> {
  let row = 0;
  let rest = "";
  try {
    for await (const chunk of openText(file)) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      if (rest.length > lineMax) throw new RecordingError(`Line ${row + 1} of ${file} has no end: it is no recording.`);
      for (const line of lines) yield { line: clean(line, row), row: ++row };
    }
  } catch (error) {
    throw asRecordingError(error, file, row);
  }
  if (rest !== "") yield { line: clean(rest, row), row: row + 1 };
}

function openText(file: string): AsyncIterable<string> {
  const source = createReadStream(file);
  if (!file.endsWith(".gz")) return source.setEncoding("utf8");
  // The reader below meets every error, so this callback has nothing to do.
  return pipeline(source, createGunzip(), () => {}).setEncoding("utf8");
}

/** Without the CR of CRLF and, on the first line, the byte order mark. */
function clean(line: string, row: number): string {
  const text = line.endsWith("\r") ? line.slice(0, -1) : line;
  return row === 0 && text.startsWith("\ufeff") ? text.slice(1) : text;
}

function asRecordingError(error: unknown, file: string, row: number): unknown {
  if (!(error instanceof Error) || error instanceof RecordingError) return error;
  const { code } = error as NodeJS.ErrnoException;
  const why =
    code === "ENOENT"
      ? `There is no file ${file}.`
      : code === "EISDIR"
        ? `${file} is a folder; name one recording in it.`
        : code?.startsWith("Z_")
          ? `${file} is no whole gzip file: ${error.message}, after ${row} lines.`
          : `${file} cannot be read: ${error.message}.`;
  return new RecordingError(why, { cause: error });
}
