/** Reads ESPHome's files as far as ours need it: maps, lists, plain and quoted values, blocks, packages, substitutions. */
import { readFileSync } from "node:fs";
import path from "node:path";

export type Value = string | null | Value[] | { [key: string]: Value };
export type Config = { [key: string]: Value };

interface Line {
  indent: number;
  text: string;
  number: number;
}

/** The file with its packages merged into it and its substitutions made. Throws an Error that names file and line. */
export function loadConfig(file: string): Config {
  const merged = withPackages(file);
  const substitutions = merged.substitutions as Record<string, string>;
  return substitute(merged, substitutions) as Config;
}

function withPackages(file: string): Config {
  const { packages = {}, ...own } = parseYaml(file);
  let below: Config = {};
  for (const value of Object.values(packages as Record<string, string>)) {
    const target = /^!include (\S+)$/.exec(value)?.[1];
    if (!target) throw new Error(`${file}: a package that is not included: ${value}`);
    // What the file itself says stands above its packages, of which no two may say different things.
    below = merge(below, withPackages(path.resolve(path.dirname(file), target)), true) as Config;
  }
  return merge(below, own, false) as Config;
}

function merge(below: Value, above: Value, isStrict: boolean): Value {
  if (Array.isArray(below) && Array.isArray(above)) return [...below, ...above];
  if (isMap(below) && isMap(above)) {
    const result = { ...below };
    for (const [key, value] of Object.entries(above)) {
      const known = result[key];
      result[key] = known === undefined ? value : merge(known, value, isStrict);
    }
    return result;
  }
  if (isStrict && below !== above) throw new Error(`two packages differ: ${below} and ${above}`);
  return above;
}

export function isMap(value: Value | undefined): value is Config {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function substitute(value: Value, known: Record<string, string>): Value {
  if (Array.isArray(value)) return value.map((one) => substitute(one, known));
  if (isMap(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, substitute(one, known)]));
  }
  return value === null ? null : value.replace(/\$\{(\w+)\}/g, (_, name: string) => known[name] ?? missing(name));
}

function missing(name: string): never {
  throw new Error(`\${${name}} is not defined`);
}

/** The file as it stands. */
export function parseYaml(file: string): Config {
  const lines = readFileSync(file, "utf8")
    .split("\n")
    .map((text, i) => ({ indent: text.search(/\S/), text: text.trim(), number: i + 1 }));
  const reader = new Reader(file, lines);
  const value = reader.value(0);
  if (!isMap(value) || !reader.isDone()) throw reader.fault("is not a map to its end");
  return value;
}

class Reader {
  readonly #file: string;
  readonly #lines: Line[];
  #at = 0;

  constructor(file: string, lines: Line[]) {
    this.#file = file;
    this.#lines = lines;
  }

  fault(what: string): Error {
    return new Error(`${this.#file}:${this.#next()?.number ?? "end"}: ${what}`);
  }

  isDone(): boolean {
    return this.#next() === undefined;
  }

  /** The map or list that begins at the next line, which must have that indent. */
  value(indent: number): Value {
    return this.#next()?.text.startsWith("- ") ? this.#list(indent) : this.#map(indent);
  }

  #next(): Line | undefined {
    while (this.#at < this.#lines.length && /^(#.*)?$/.test(this.#lines[this.#at]?.text ?? "")) this.#at++;
    const line = this.#lines[this.#at];
    if (line && (/\t/.test(line.text) || line.indent % 2 === 1)) {
      throw new Error(`${this.#file}:${line.number}: a tab, or an odd indent`);
    }
    return line;
  }

  #list(indent: number): Value[] {
    const list: Value[] = [];
    for (let line = this.#next(); line?.indent === indent && line.text.startsWith("- "); line = this.#next()) {
      // What follows the dash is a map whose first key stands two places further in.
      this.#lines[this.#at] = { ...line, indent: indent + 2, text: line.text.slice(2) };
      list.push(this.#map(indent + 2));
    }
    return list;
  }

  #map(indent: number): Config {
    const map: Config = {};
    for (let line = this.#next(); line?.indent === indent && !line.text.startsWith("- "); line = this.#next()) {
      const [, key = "", rest = ""] = /^([\w.-]+):(?: (.*))?$/.exec(line.text) ?? [];
      if (key === "" || key in map) throw this.fault(`not a new key: ${line.text}`);
      this.#at++;
      map[key] = rest === "" ? this.#nested(indent) : rest === "|" ? this.#block(indent) : this.#scalar(rest);
    }
    return map;
  }

  #nested(indent: number): Value {
    const line = this.#next();
    if (!line || line.indent <= indent) throw this.fault("a key without a value");
    return this.value(line.indent);
  }

  #block(indent: number): string {
    const from = this.#at;
    while ((this.#lines[this.#at]?.indent ?? -1) > indent) this.#at++;
    const texts = this.#lines.slice(from, this.#at).map(({ text }) => text);
    return `${texts.join("\n")}\n`;
  }

  #scalar(text: string): string | null {
    if (text === "null") return null;
    const [, quoted] = /^"([^"\\]*)"$/.exec(text) ?? [];
    if (quoted !== undefined) return quoted;
    if (/^["'[{&*%@`]|[:#]\s|:$/.test(text)) throw this.fault(`a value that wants quotes: ${text}`);
    return text;
  }
}
