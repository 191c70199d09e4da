/** Evaluates a parsed template: without loops, so that it takes no more steps than the template has parts. */
import { isJsonObject } from "../readings.ts";
import { finiteNumberIn, numberIn } from "../slot.ts";
import type { Expression, Part } from "./parse.ts";
import { TemplateFault } from "./tokens.ts";

/** What a template may refer to by name: `value` and `value_json`. */
export type Variables = Readonly<Record<string, unknown>>;

/** No value is so long; replacing again and again could make one. */
const longestText = 65_536;
const mostPieces = 1_000;

/** The value that a template gives: undefined when what it refers to is not there; or why it gives none. */
export function evaluate(parts: readonly Part[], variables: Variables): { value: unknown } | { why: string } {
  try {
    const outputs = render(parts, new Map(Object.entries(variables)));
    const filled = outputs.filter((output) => typeof output !== "string" || output.trim() !== "");
    if (filled.length === 0) return { value: undefined };
    return { value: filled.length === 1 ? filled[0] : bounded(filled.map(asText).join("")) };
  } catch (error) {
    if (error instanceof TemplateFault) return { why: error.message };
    throw error;
  }
}

type Scope = Map<string, unknown>;

function render(parts: readonly Part[], scope: Scope): unknown[] {
  const outputs: unknown[] = [];
  for (const part of parts) {
    if (part.op === "text") outputs.push(part.text);
    else if (part.op === "output") outputs.push(...definedOnly(resultOf(part.value, scope)));
    else if (part.op === "set") scope.set(part.name, resultOf(part.value, scope));
    else {
      const branch = part.branches.find(({ test }) => isTrue(resultOf(test, scope)));
      if (branch) outputs.push(...render(branch.parts, scope));
    }
  }
  return outputs;
}

function definedOnly(value: unknown): unknown[] {
  return value === undefined ? [] : [value];
}

function resultOf(expression: Expression, scope: Scope): unknown {
  switch (expression.op) {
    case "constant":
      return expression.value;
    case "name":
      return scope.get(expression.name);
    case "member":
      return memberOf(resultOf(expression.of, scope), resultOf(expression.key, scope));
    case "filter":
      return applyFilter(expression.name, resultOf(expression.of, scope), resultsOf(expression.args, scope));
    case "method":
      return applyMethod(expression.name, resultOf(expression.of, scope), resultsOf(expression.args, scope));
    case "call": {
      const [first, ...rest] = resultsOf(expression.args, scope);
      return applyFilter(expression.name, first, rest);
    }
    case "negate":
      return withNumber(resultOf(expression.of, scope), (number) => -number);
    case "not":
      return !isTrue(resultOf(expression.of, scope));
    case "binary":
      return binary(expression, scope);
    case "test":
      return applyTest(expression.name, resultOf(expression.of, scope)) !== expression.isNegated;
    case "choose":
      return resultOf(isTrue(resultOf(expression.test, scope)) ? expression.yes : expression.no, scope);
  }
}

function resultsOf(expressions: readonly Expression[], scope: Scope): unknown[] {
  return expressions.map((expression) => resultOf(expression, scope));
}

/** Own members only, so that nothing of JavaScript shows through. */
function memberOf(of: unknown, key: unknown): unknown {
  if (Array.isArray(of)) {
    const index = asNumber(key);
    return index === undefined ? undefined : of.at(index);
  }
  const name = asText(key);
  return isJsonObject(of) && Object.hasOwn(of, name) ? of[name] : undefined;
}

function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return isJsonObject(value) ? Object.keys(value).length > 0 : Boolean(value);
}

/** A value as Python writes it; safe for any JSON value. */
export function asText(value: unknown): string {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function bounded(text: string): string {
  if (text.length > longestText) throw new TemplateFault("the template makes a text that is too long");
  return text;
}

/** A number, or text that is one; undefined for anything else. */
function asNumber(value: unknown): number | undefined {
  if (typeof value === "boolean") return value ? 1 : 0;
  const number =
    typeof value === "string" && /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?\s*$/i.test(value) ? Number(value) : value;
  return finiteNumberIn(number);
}

/** Calculates with a number; what is not there stays so, and what is no number is a fault. */
function withNumber(value: unknown, calculate: (number: number) => number): number | undefined {
  if (value === undefined || value === null) return undefined;
  const number = typeof value === "boolean" ? Number(value) : numberIn(value);
  if (number === undefined)
    throw new TemplateFault(`the template calculates with '${asText(value).slice(0, 20)}', which is no number`);
  return calculate(number);
}

function binary({ sign, left, right }: Extract<Expression, { op: "binary" }>, scope: Scope): unknown {
  const a = resultOf(left, scope);
  if (sign === "and") return isTrue(a) ? resultOf(right, scope) : a;
  if (sign === "or") return isTrue(a) ? a : resultOf(right, scope);
  const b = resultOf(right, scope);
  if (sign === "==") return a === b;
  if (sign === "!=") return a !== b;
  if (sign === "~" || (sign === "+" && typeof a === "string" && typeof b === "string"))
    return bounded(asText(a) + asText(b));
  const comparison = comparisons.get(sign);
  if (comparison) return withNumber(a, (x) => Number(withNumber(b, (y) => Number(comparison(x, y))) ?? 0)) === 1;
  const calculate = calculations.get(sign);
  if (!calculate) throw new TemplateFault(`'${sign}' in templates is not understood`);
  return b === undefined || b === null ? undefined : withNumber(a, (x) => withNumber(b, (y) => calculate(x, y)) ?? 0);
}

const comparisons: ReadonlyMap<string, (a: number, b: number) => boolean> = new Map([
  ["<", (a, b) => a < b],
  [">", (a, b) => a > b],
  ["<=", (a, b) => a <= b],
  [">=", (a, b) => a >= b],
]);

const calculations: ReadonlyMap<string, (a: number, b: number) => number> = new Map([
  ["+", (a, b) => a + b],
  ["-", (a, b) => a - b],
  ["*", (a, b) => a * b],
  ["/", (a, b) => a / b],
  ["//", (a, b) => Math.floor(a / b)],
  ["%", (a, b) => a - b * Math.floor(a / b)],
  ["**", (a, b) => a ** b],
]);

type Filter = (value: unknown, args: readonly unknown[]) => unknown;

const filters: ReadonlyMap<string, Filter> = new Map<string, Filter>([
  ["float", (value, [otherwise]) => asNumber(value) ?? otherwise],
  ["int", (value, [otherwise]) => truncated(value) ?? otherwise],
  ["round", (value, [digits, method]) => withNumber(value, (number) => rounded(number, digits, method))],
  ["abs", (value) => withNumber(value, Math.abs)],
  ["multiply", (value, [factor]) => product(value, factor)],
  ["add", (value, [summand]) => sum(value, summand)],
  ["default", otherwise],
  ["d", otherwise],
  ["is_defined", (value) => value],
  [
    "iif",
    (value, [yes = true, no = false, none]) => (value === null && none !== undefined ? none : isTrue(value) ? yes : no),
  ],
  ["is_number", (value) => asNumber(value) !== undefined],
  ["string", (value) => bounded(asText(value))],
  ["lower", (value) => bounded(asText(value).toLowerCase())],
  ["upper", (value) => bounded(asText(value).toUpperCase())],
  ["trim", (value) => asText(value).trim()],
  ["replace", (value, [from, to]) => replaced(asText(value), asText(from), asText(to))],
  ["first", (value) => memberOf(value, 0)],
  ["last", (value) => memberOf(value, -1)],
]);

function applyFilter(name: string, value: unknown, args: readonly unknown[]): unknown {
  const filter = filters.get(name);
  if (!filter) throw new TemplateFault(`'${name.slice(0, 20)}' in templates is not understood`);
  return value === undefined && !takesUndefined.has(name) ? undefined : filter(value, args);
}

/** To all other filters what is not there stays so. */
const takesUndefined: ReadonlySet<string> = new Set(["default", "d", "float", "int", "iif", "is_number"]);

function otherwise(value: unknown, [instead = "", replacesFalse]: readonly unknown[]): unknown {
  return value === undefined || (isTrue(replacesFalse) && !isTrue(value)) ? instead : value;
}

function truncated(value: unknown): number | undefined {
  const number = asNumber(value);
  return number === undefined ? undefined : Math.trunc(number);
}

function product(value: unknown, factor: unknown): number | undefined {
  const [a, b] = [asNumber(value), asNumber(factor)];
  return a === undefined || b === undefined ? undefined : a * b;
}

function sum(value: unknown, summand: unknown): number | undefined {
  const [a, b] = [asNumber(value), asNumber(summand)];
  return a === undefined || b === undefined ? undefined : a + b;
}

function rounded(number: number, digits: unknown = 0, method: unknown = "common"): number {
  const factor = 10 ** Math.min(Math.max(asNumber(digits) ?? 0, -12), 12);
  const round = method === "ceil" ? Math.ceil : method === "floor" ? Math.floor : Math.round;
  const scaled = number * factor;
  return finiteNumberIn(scaled) === undefined ? number : round(scaled) / factor;
}

/** The longest text that replacing could make is looked at before it is made. */
function replaced(text: string, from: string, to: string): string {
  if (from === "") return text;
  bounded(text);
  if ((text.length / from.length) * to.length > longestText)
    throw new TemplateFault("the template makes a text that is too long");
  return text.replaceAll(from, () => to);
}

function applyMethod(name: string, of: unknown, args: readonly unknown[]): unknown {
  if (of === undefined) return undefined;
  if (name === "get") return memberOf(of, args[0]) ?? args[1];
  if (name === "split") return asText(of).split(args[0] === undefined ? /\s+/ : asText(args[0]), mostPieces);
  if (name === "strip") return asText(of).trim();
  if (name === "replace" || name === "lower" || name === "upper") return applyFilter(name, of, args);
  throw new TemplateFault(`'.${name.slice(0, 20)}()' in templates is not understood`);
}

function applyTest(name: string, value: unknown): boolean {
  switch (name) {
    case "defined":
      return value !== undefined;
    case "undefined":
      return value === undefined;
    case "none":
      return value === null;
    case "number":
      return numberIn(value) !== undefined;
    case "string":
      return typeof value === "string";
    case "mapping":
      return isJsonObject(value);
    default:
      throw new TemplateFault(`'is ${name.slice(0, 20)}' in templates is not understood`);
  }
}

/** Whether every filter, method, test and name that a template may come to use is understood; else what is not. */
export function faultOfNames(parts: readonly Part[]): string | undefined {
  const unknown = new Set<string>();
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) node.forEach(visit);
    else if (isJsonObject(node)) {
      const { op, name } = node;
      if ((op === "filter" || op === "call") && !filters.has(String(name))) unknown.add(`'${name}'`);
      if (op === "method" && !methods.has(String(name))) unknown.add(`'.${name}()'`);
      if (op === "test" && !tests.has(String(name))) unknown.add(`'is ${name}'`);
      Object.values(node).forEach(visit);
    }
  };
  visit(parts);
  return unknown.size === 0 ? undefined : `${[...unknown].join(", ").slice(0, 100)} in templates is not understood`;
}

const methods: ReadonlySet<string> = new Set(["get", "split", "strip", "replace", "lower", "upper"]);
const tests: ReadonlySet<string> = new Set(["defined", "undefined", "none", "number", "string", "mapping"]);
