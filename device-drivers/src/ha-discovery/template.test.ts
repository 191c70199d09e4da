import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evaluate, faultOfNames } from "./evaluate.ts";
import { parseTemplate } from "./parse.ts";

/** What a template makes of a payload; `{ why }` when it is not understood. */
function render(template: string, payload: unknown): unknown {
  const parts = parseTemplate(template);
  if ("why" in parts) return parts;
  const value = typeof payload === "string" ? payload : JSON.stringify(payload);
  const result = evaluate(parts, { value, value_json: typeof payload === "string" ? undefined : payload });
  return "value" in result ? result.value : result;
}

describe("a template", () => {
  test.each([
    ["{{ value_json.x.y }}", { x: { y: 5 } }, 5],
    ["{{ value_json['x']['y'] }}", { x: { y: 5 } }, 5],
    ["{{ value_json['ENERGY'].Today }}", { ENERGY: { Today: 1.5 } }, 1.5],
    ["{{value_json['ENERGY']['Total'][0]}}", { ENERGY: { Total: [7, 8] } }, 7],
    ["{{ value_json.list[-1] }}", { list: [7, 8] }, 8],
    ["{{ value }}", "12.5", "12.5"],
    ["{{ value | float }}", "12.5", 12.5],
    ["{{ value|int(0) }}", "12.9", 12],
    ["{{ value_json.x | float(0) }}", {}, 0],
    ["{{ value_json.x | default(3) }}", {}, 3],
    ["{{ value_json.x | is_defined }}", {}, undefined],
    ["{{ value_json.x.y.z }}", {}, undefined],
    ["{{ value_json.x | multiply(0.001) | round(2) }}", { x: 1234 }, 1.23],
    ["{{ (value_json.a + value_json.b) * 2 - 1 }}", { a: 1, b: 2 }, 5],
    ["{{ value_json.a - value_json.b / 2 }}", { a: 1, b: 2 }, 0],
    ["{{ -value_json.a ** 2 }}", { a: 3 }, -9],
    ["{{ 7 // 2 + 7 % 4 }}", {}, 6],
    ["{{ value_json.x / 10 if value_json.x is defined else 0 }}", { x: 25 }, 2.5],
    ["{{ 'ON' if value_json.state == 1 else 'OFF' }}", { state: 1 }, "ON"],
    ["{{ iif(value_json.on, 'ON', 'OFF') }}", { on: false }, "OFF"],
    ["{{ value_json.x is not none and value_json.x > 3 }}", { x: 4 }, true],
    ["{{ not value_json.on }}", { on: true }, false],
    ["{{ float(value_json.x) * 1000 }}", { x: "1.5" }, 1500],
    ["{{ value.split(',')[1] | float }}", "1,2.5,3", 2.5],
    ["{{ value | replace(' W', '') | float }}", "12 W", 12],
    ["{{ value_json.get('x', 4) }}", {}, 4],
    ["{{ 'a' ~ value_json.x }}", { x: 1 }, "a1"],
    ["{% if value_json.p is defined %}{{ value_json.p }}{% endif %}", { p: 5 }, 5],
    ["{% if value_json.p is defined %}{{ value_json.p }}{% endif %}", {}, undefined],
    ["{% if value_json.p > 3 %} {{ 1 }} {% elif value_json.p > 2 %}{{ 2 }}{%- else -%}{{ 3 }}{% endif %}", { p: 1 }, 3],
    ["{% set x = value_json.p %}{{ x * 2 }}", { p: 4 }, 8],
    ["{{ value_json.constructor }}", {}, undefined],
    ["{{ value_json.__proto__ }}", {}, undefined],
  ])("%s of %j is %j", (template, payload, expected) => {
    expect(render(template, payload)).toEqual(expected);
  });

  test.each([
    ["{{ value_json.x", /braces/],
    ["{{ value_json. }}", /early|understood/],
    ["{{ }}", /early/],
    ["{{ 1 2 }}", /'2'/],
    ["{% for x in y %}{% endfor %}", /for/],
    ["{% if x %}1", /endif/],
    ["{{ 1 }}{% endif %}", /endif|end without/],
    [`{{ ${"(".repeat(50)}1${")".repeat(50)} }}`, /deep/],
    [`{{ ${"x".repeat(2000)} }}`, /longer/],
    ["{{ value_json.x @ 3 }}", /@/],
  ])("%s is not understood, and it is said why", (template, why) => {
    expect(parseTemplate(template)).toEqual({ why: expect.stringMatching(why) });
  });

  test("says which filters and functions it does not know, before any message comes", () => {
    const faultOf = (template: string) => {
      const parts = parseTemplate(template);
      return "why" in parts ? parts.why : faultOfNames(parts);
    };
    expect(faultOf("{{ states('sensor.x') | from_json }}")).toMatch(/'from_json'.*'states'|'states'.*'from_json'/);
    expect(faultOf("{{ value.format() }}")).toMatch(/format/);
    expect(faultOf("{{ x is divisibleby }}")).toMatch(/divisibleby/);
    expect(faultOf("{{ value_json.x | float(0) | round(1) }}")).toBeUndefined();
  });

  test("that calculates with a text says so", () => {
    expect(render("{{ value_json.p * 2 }}", { p: "high" })).toEqual({ why: expect.stringMatching(/'high'/) });
  });

  test("cannot make a text that is too long", () => {
    const doubling = `{{ value ${"| replace('a', 'aaaaaaaaaa')".repeat(12)} }}`;
    expect(render(doubling, "a")).toEqual({ why: expect.stringMatching(/too long/) });
  });

  test("made of any parts never throws", () => {
    const part = fc.constantFrom(
      ..."{{ }} {% %} if else elif endif set value value_json . x [ ] ( ) | float round default iif + - * / ** ~ == < 'a' \"b\" 1 2.5 , is not defined none and or = -%} {{- true".split(
        " ",
      ),
    );
    const template = fc.array(part, { maxLength: 30 }).map((parts) => parts.join(" "));
    fc.assert(
      fc.property(template, fc.jsonValue(), (text, payload) => {
        render(text, payload);
        render(`{{ ${text} }}`, payload);
      }),
      { numRuns: 5_000 },
    );
  });
});
