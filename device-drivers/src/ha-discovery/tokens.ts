/** The words and signs of a template's expressions. */

/** A part of an expression: a name, a number, a text in quotes, a sign; `end` follows the last. */
export interface Token {
  kind: "name" | "number" | "text" | "sign" | "end";
  /** What was written, of a text what it means. */
  text: string;
}

/** What a template has that is not understood; says what, for the maker of the template. */
export class TemplateFault extends Error {}

const token =
  /\s*(?:(?<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?<name>[A-Za-z_]\w*)|(?<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?<sign>\*\*|\/\/|==|!=|<=|>=|[-+*/%<>~|.,()[\]]))/y;

/** The tokens of one expression, `end` last; throws TemplateFault at what is none. */
export function tokensOf(expression: string): Token[] {
  const tokens: Token[] = [];
  token.lastIndex = 0;
  const { length } = expression.trimEnd();
  while (token.lastIndex < length) {
    const at = token.lastIndex;
    const groups = token.exec(expression)?.groups;
    if (!groups) throw new TemplateFault(`the template is not understood at '${expression.slice(at, at + 20).trim()}'`);
    const kind = (["number", "name", "text", "sign"] as const).find((one) => groups[one] !== undefined) ?? "sign";
    const text = groups[kind] ?? "";
    tokens.push({ kind, text: kind === "text" ? text.slice(1, -1).replace(/\\(.)/g, "$1") : text });
  }
  return [...tokens, { kind: "end", text: "" }];
}
