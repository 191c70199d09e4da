import type { DefinitionData, RawMessage } from "./driver.ts";

/** Deeper JSON is an attack or a fault: reading it would hand recursive code an overflow. */
const maxDepth = 500;

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** What is remembered about a topic, by the dialect whose drivers defined it (see definitions.ts). */
export type KnownAbout = (topic: string, dialect: string) => readonly DefinitionData[];

interface Packet {
  topic: string;
  payload: Uint8Array;
  retain?: boolean;
  /** Absent: nothing is remembered. */
  known?: KnownAbout;
}

/** An MQTT message that parses its payload at most once, when a driver first asks. */
export function createMessage({ topic, payload, retain = false, known = knowsNothing }: Packet): RawMessage {
  return new ParsedOnce(topic, payload, retain, known);
}

const knowsNothing: KnownAbout = () => [];

class ParsedOnce implements RawMessage {
  readonly topic: string;
  readonly levels: readonly string[];
  readonly payload: Uint8Array;
  readonly retain: boolean;
  readonly #known: KnownAbout;
  #text: { value: string | undefined } | undefined;
  #json: { value: unknown } | undefined;

  constructor(topic: string, payload: Uint8Array, retain: boolean, known: KnownAbout) {
    this.topic = topic;
    this.levels = topic.split("/");
    this.payload = payload;
    this.retain = retain;
    this.#known = known;
  }

  known(dialect: string): readonly DefinitionData[] {
    return this.#known(this.topic, dialect);
  }

  text(): string | undefined {
    this.#text ??= { value: decodeUtf8(this.payload) };
    return this.#text.value;
  }

  json(): unknown {
    this.#json ??= { value: parseJson(this.text()) };
    return this.#json.value;
  }
}

/** The text without its byte order mark, or undefined when the bytes are not UTF-8. */
function decodeUtf8(payload: Uint8Array): string | undefined {
  try {
    return utf8.decode(payload);
  } catch {
    return undefined;
  }
}

/** The value (JSON null is null), or undefined when the text is not JSON. */
function parseJson(text: string | undefined): unknown {
  if (text === undefined || isTooDeep(text)) return undefined;
  return parseStrictly(text) ?? parseWithBareNaN(text);
}

function parseStrictly(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** C firmware prints a failed sensor as a bare `nan` or `inf`, which costs the whole message unless it reads as null. */
function parseWithBareNaN(text: string): unknown {
  if (text.trim() === "null") return null;
  if (!/nan|inf/i.test(text)) return undefined;
  return parseStrictly(text.replace(stringOrBareNaN, (token) => (token.startsWith('"') ? token : "null")));
}

/**
 * Strings come first, so that a `nan` inside one is consumed with it and stays as it is. An unclosed string reaches to
 * the end: trying again from each of its quotes would take quadratic time.
 */
const stringOrBareNaN = /"[^"\\]*(?:\\[\s\S][^"\\]*)*(?:"|\\?$)|[+-]?\b(?:nan|inf(?:inity)?)\b/gi;

function isTooDeep(text: string): boolean {
  // Few messages open so many brackets: to count them takes a tenth of the time that following the nesting takes.
  return text.length > 2 * maxDepth && hasManyBrackets(text) && isNestedTooDeep(text);
}

function hasManyBrackets(text: string): boolean {
  let count = 0;
  for (const bracket of ["{", "["]) {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) {
      if (++count > maxDepth) return true;
    }
  }
  return false;
}

function isNestedTooDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (inString) {
      if (character === "\\") i++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === "[" || character === "{") {
      if (++depth > maxDepth) return true;
    } else if (character === "]" || character === "}") depth--;
  }
  return false;
}
