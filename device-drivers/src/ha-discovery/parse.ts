/** Parses the part of Jinja2 that value templates of Home Assistant use, as written in its documentation. */
import { TemplateFault, type Token, tokensOf } from "./tokens.ts";

export type Expression =
  | { op: "constant"; value: string | number | boolean | null }
  | { op: "name"; name: string }
  | { op: "member"; of: Expression; key: Expression }
  | { op: "method" | "filter"; name: string; of: Expression; args: Expression[] }
  | { op: "call"; name: string; args: Expression[] }
  | { op: "negate" | "not"; of: Expression }
  | { op: "binary"; sign: string; left: Expression; right: Expression }
  | { op: "test"; name: string; isNegated: boolean; of: Expression }
  | { op: "choose"; test: Expression; yes: Expression; no: Expression };

/** A template: text, `{{ output }}`, `{% set x = … %}` and `{% if … %}`. */
export type Part =
  | { op: "text"; text: string }
  | { op: "output"; value: Expression }
  | { op: "set"; name: string; value: Expression }
  | { op: "if"; branches: { test: Expression; parts: Part[] }[] };

/** Limits against templates made to overwhelm; those of real devices are about 100 characters long. */
const longestTemplate = 1_024;
const deepest = 24;

/** The parts of a template, or why it is not understood, as a sentence for its maker. */
export function parseTemplate(template: string): Part[] | { why: string } {
  if (template.length > longestTemplate) return { why: `the template is longer than ${longestTemplate} characters` };
  try {
    const blocks = blocksOf(template);
    const parts = partsUntil(blocks, [], 0);
    return blocks.length === 0 ? parts : { why: "the template has an end without its beginning" };
  } catch (error) {
    if (error instanceof TemplateFault) return { why: error.message };
    throw error;
  }
}

interface Block {
  kind: "text" | "output" | "statement";
  text: string;
}

/** The template cut at `{{ }}` and `{% %}`; a hyphen inside the braces eats the white space beside them. */
function blocksOf(template: string): Block[] {
  const pieces = template
    .replace(/\s*(\{[{%])-/g, "$1")
    .replace(/-([}%]\})\s*/g, "$1")
    .split(/(\{\{.*?\}\}|\{%.*?%\})/s);
  return pieces
    .filter((piece) => piece !== "")
    .map((piece): Block => {
      if (piece.startsWith("{{") && piece.endsWith("}}")) return { kind: "output", text: piece.slice(2, -2) };
      if (piece.startsWith("{%") && piece.endsWith("%}")) return { kind: "statement", text: piece.slice(2, -2).trim() };
      if (/\{[{%#]|[%}]\}/.test(piece)) throw new TemplateFault("the template has braces that do not match");
      return { kind: "text", text: piece };
    });
}

/** Takes blocks up to one of the statements `ends`, which stays; with no `ends` to the last. */
function partsUntil(blocks: Block[], ends: readonly string[], depth: number): Part[] {
  if (depth > deepest) throw new TemplateFault("the template is nested too deeply");
  const parts: Part[] = [];
  for (let block = blocks[0]; block; block = blocks[0]) {
    const word = block.kind === "statement" ? (/^\w*/.exec(block.text)?.[0] ?? "") : "";
    if (ends.includes(word)) return parts;
    blocks.shift();
    if (block.kind === "text") parts.push({ op: "text", text: block.text });
    else if (block.kind === "output") parts.push({ op: "output", value: parseExpression(block.text) });
    else if (word === "set") parts.push(parseSet(block.text));
    else if (word === "if") parts.push(parseIf(block.text, blocks, depth));
    else throw new TemplateFault(`'{% ${word} %}' in templates is not understood`);
  }
  if (ends.length > 0) throw new TemplateFault("the template has an if without endif");
  return parts;
}

function parseSet(statement: string): Part {
  const [, name, value] = /^set\s+(\w+)\s*=(?!=)(.*)$/s.exec(statement) ?? [];
  if (name === undefined || value === undefined)
    throw new TemplateFault("the template has a set without name and value");
  return { op: "set", name, value: parseExpression(value) };
}

function parseIf(statement: string, blocks: Block[], depth: number): Part {
  const branches = [
    { test: parseExpression(statement.slice("if".length)), parts: partsUntil(blocks, ifEnds, depth + 1) },
  ];
  for (;;) {
    const end = blocks.shift()?.text ?? "";
    if (end.startsWith("endif")) return { op: "if", branches };
    const test = end.startsWith("elif") ? parseExpression(end.slice("elif".length)) : always;
    branches.push({ test, parts: partsUntil(blocks, ifEnds, depth + 1) });
  }
}

const ifEnds = ["elif", "else", "endif"];
const always: Expression = { op: "constant", value: true };

function parseExpression(text: string): Expression {
  const parser = new ExpressionParser(tokensOf(text));
  const expression = parser.choice();
  parser.expectEnd();
  return expression;
}

const constants: ReadonlyMap<string, boolean | null> = new Map(
  Object.entries({ true: true, True: true, false: false, False: false, none: null, None: null }),
);

/** From what binds least to what binds most, as in Python. */
const levels: readonly (readonly string[])[] = [
  ["or"],
  ["and"],
  ["==", "!=", "<", ">", "<=", ">="],
  ["~"],
  ["+", "-"],
  ["*", "/", "//", "%"],
];

/** Reads one expression by recursive descent. */
class ExpressionParser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  /** `a if test else b` */
  choice(): Expression {
    this.#enter();
    const yes = this.#binary(0);
    const chosen: Expression = this.#takes("name", "if") ? this.#choiceAfter(yes) : yes;
    this.#depth--;
    return chosen;
  }

  expectEnd(): void {
    if (this.#next.kind !== "end") throw this.#unexpected();
  }

  get #next(): Token {
    return this.#tokens[this.#at] ?? { kind: "end", text: "" };
  }

  #enter(): void {
    if (++this.#depth > deepest) throw new TemplateFault("the template is nested too deeply");
  }

  #unexpected(): TemplateFault {
    const { kind, text } = this.#next;
    return new TemplateFault(
      kind === "end" ? "the template ends too early" : `'${text.slice(0, 20)}' in the template is not understood`,
    );
  }

  #takes(kind: Token["kind"], text: string): boolean {
    const isNext = this.#next.kind === kind && this.#next.text === text;
    if (isNext) this.#at++;
    return isNext;
  }

  #expect(sign: string): void {
    if (!this.#takes("sign", sign)) throw this.#unexpected();
  }

  #choiceAfter(yes: Expression): Expression {
    const test = this.#binary(0);
    const no: Expression = this.#takes("name", "else") ? this.choice() : { op: "constant", value: "" };
    return { op: "choose", test, yes, no };
  }

  #binary(level: number): Expression {
    const signs = levels[level];
    if (!signs) return this.#unary();
    let left = level === 2 ? this.#negatable() : this.#binary(level + 1);
    for (;;) {
      const { kind, text } = this.#next;
      if ((kind !== "sign" && kind !== "name") || !signs.includes(text)) return left;
      this.#at++;
      left = { op: "binary", sign: text, left, right: level === 2 ? this.#negatable() : this.#binary(level + 1) };
    }
  }

  /** `not` binds less than comparisons, which is seen only where one follows; here it takes what follows it. */
  #negatable(): Expression {
    if (!this.#takes("name", "not")) return this.#binary(3);
    this.#enter();
    const of = this.#binary(2);
    this.#depth--;
    return { op: "not", of };
  }

  #unary(): Expression {
    if (this.#takes("sign", "+")) return this.#unary();
    if (!this.#takes("sign", "-")) return this.#power();
    this.#enter();
    const of = this.#unary();
    this.#depth--;
    return { op: "negate", of };
  }

  #power(): Expression {
    const base = this.#tested();
    if (!this.#takes("sign", "**")) return base;
    this.#enter();
    const right = this.#unary();
    this.#depth--;
    return { op: "binary", sign: "**", left: base, right };
  }

  /** `x is defined`, `x is not none` */
  #tested(): Expression {
    let of = this.#postfix(this.#primary());
    while (this.#takes("name", "is")) {
      const isNegated = this.#takes("name", "not");
      of = { op: "test", name: this.#name(), isNegated, of };
    }
    return of;
  }

  #postfix(start: Expression): Expression {
    let of = start;
    for (;;) {
      if (this.#takes("sign", ".")) of = this.#memberOrMethod(of);
      else if (this.#takes("sign", "[")) {
        of = { op: "member", of, key: this.choice() };
        this.#expect("]");
      } else if (this.#takes("sign", "|")) {
        const name = this.#name();
        of = { op: "filter", name, of, args: this.#takes("sign", "(") ? this.#arguments() : [] };
      } else return of;
    }
  }

  #memberOrMethod(of: Expression): Expression {
    const name = this.#next.kind === "number" ? this.#take().text : this.#name();
    if (this.#takes("sign", "(")) return { op: "method", name, of, args: this.#arguments() };
    return { op: "member", of, key: { op: "constant", value: name } };
  }

  #primary(): Expression {
    const { kind, text } = this.#take();
    if (kind === "number") return { op: "constant", value: Number(text) };
    if (kind === "text") return { op: "constant", value: text };
    if (kind === "sign" && text === "(") {
      const inner = this.choice();
      this.#expect(")");
      return inner;
    }
    if (kind !== "name") {
      this.#at--;
      throw this.#unexpected();
    }
    const constant = constants.get(text);
    if (constant !== undefined) return { op: "constant", value: constant };
    return this.#takes("sign", "(") ? { op: "call", name: text, args: this.#arguments() } : { op: "name", name: text };
  }

  /** A named argument, `default=0`, counts by its place: the filters here have them in the order of their names. */
  #arguments(): Expression[] {
    const args: Expression[] = [];
    while (!this.#takes("sign", ")")) {
      if (args.length > 0) this.#expect(",");
      args.push(this.choice());
    }
    return args;
  }

  #take(): Token {
    const token = this.#next;
    if (token.kind === "end") throw this.#unexpected();
    this.#at++;
    return token;
  }

  #name(): string {
    if (this.#next.kind !== "name") throw this.#unexpected();
    return this.#take().text;
  }
}
