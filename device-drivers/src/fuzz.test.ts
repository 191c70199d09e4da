/**
 * All drivers against recorded messages with something changed. The usual run takes 20,000 inputs; a long one takes as many
 * as `FUZZ_INPUTS` says: `FUZZ_INPUTS=1000000 npx vitest run device-drivers/src/fuzz.test.ts`.
 */
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createDefinitions } from "./definitions.ts";
import type { Decoded, Driver, RawMessage } from "./driver.ts";
import { createMessage, decode, drivers } from "./index.ts";
import { fixturesOf, messageOf } from "./samples.ts";
import { faultsOf } from "./soundness.ts";

const numRuns = Number(process.env.FUZZ_INPUTS ?? 20_000);

interface Recorded {
  topic: string;
  bytes: Buffer;
}

/** By driver, so that one with few recorded messages gets as many inputs as one with many. */
const byDriver: Recorded[][] = drivers.map(({ dialect }) =>
  fixturesOf(dialect).map((one) => ({ topic: one.topic, bytes: Buffer.from(messageOf(one).payload) })),
);
const recorded = byDriver.flat();

const strangeTokens = [
  ..."0 -0 1 -1 1e999 -1e308 2147483647 18446744073709551615 4294967295 0.1e-400 007 +1 .5 1. 0x10 NaN nan inf null true".split(
    " ",
  ),
  ...[
    '""',
    '"12.5"',
    '"12,5"',
    '"ON"',
    '"__proto__"',
    '"\\u0000"',
    "[]",
    "{}",
    "[1,2,3]",
    '{"value":1}',
    '{"toString":1}',
  ],
  ...[
    '"{{ value_json.x }}"',
    '"{{ value | replace(1,2) }}"',
    '"{% if x %}"',
    `"${"x".repeat(2000)}"`,
    '"๑๒๓"',
    "\u202e",
  ],
];
const hostileLevels = [
  "",
  "..",
  "__proto__",
  "constructor",
  "\u0000",
  "+",
  "#",
  "$state",
  "x".repeat(300),
  "ครัว",
  "\ud800",
];

interface Change {
  kind: "token" | "bytes" | "cut" | "splice" | "repeat" | "none";
  at: number;
  other: number;
  length: number;
}

const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom("token", "token", "token", "bytes", "cut", "splice", "repeat", "none"),
  at: fc.nat(),
  other: fc.nat(),
  length: fc.nat(40),
});

/** Strings with their quote marks, numbers and words: what a change puts another one in place of. */
const tokens = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\b(?:true|false|null)\b/g;

function changed(payload: Buffer, { kind, at, other, length }: Change): Buffer {
  const start = payload.length === 0 ? 0 : at % payload.length;
  const second = recorded[other % recorded.length]?.bytes ?? Buffer.alloc(0);
  switch (kind) {
    case "token":
      return withToken(payload, at, strangeTokens[other % strangeTokens.length] ?? "");
    case "bytes":
      return Buffer.concat([
        payload.subarray(0, start),
        Buffer.alloc(length, other % 256),
        payload.subarray(start + 1),
      ]);
    case "cut":
      return payload.subarray(0, start);
    case "splice":
      return Buffer.concat([
        payload.subarray(0, start),
        second.subarray(second.length === 0 ? 0 : other % second.length),
      ]);
    case "repeat":
      return Buffer.concat([payload, ...Array.from({ length: length % 8 }, () => payload.subarray(start))]);
    case "none":
      return payload;
  }
}

function withToken(payload: Buffer, at: number, token: string): Buffer {
  const text = payload.toString("utf8");
  const count = text.match(tokens)?.length ?? 0;
  let seen = 0;
  return Buffer.from(text.replace(tokens, (old) => (seen++ === at % Math.max(count, 1) ? token : old)));
}

const topicChange = fc.record({
  at: fc.nat(),
  other: fc.nat(),
  kind: fc.constantFrom("none", "none", "none", "level", "hostile"),
});

function changedTopic(topic: string, { at, other, kind }: { at: number; other: number; kind: string }): string {
  if (kind === "none") return topic;
  const levels = topic.split("/");
  const others = kind === "hostile" ? hostileLevels : (recorded[other % recorded.length]?.topic.split("/") ?? []);
  levels[at % levels.length] = others[other % others.length] ?? "";
  return levels.join("/");
}

interface Input {
  topic: string;
  payload: Buffer;
}

const input: fc.Arbitrary<Input> = fc
  .tuple(fc.constantFrom(...byDriver), fc.nat(), topicChange, fc.array(change, { minLength: 1, maxLength: 4 }))
  .map(([ofDriver, index, topic, changes]) => {
    const { topic: recordedTopic, bytes } = ofDriver[index % ofDriver.length] ?? { topic: "", bytes: Buffer.alloc(0) };
    return { topic: changedTopic(recordedTopic, topic), payload: changes.reduce(changed, bytes).subarray(0, 65_536) };
  });

/** How often a driver may look into a message: a few times at each value, of which no more fit into its bytes. */
function mostLooks({ payload }: Input): number {
  return 2_000 + 60 * payload.length;
}

/** The message, whose parsed payload counts how often something is looked up in it. */
function counted(message: RawMessage, count: () => void): RawMessage {
  const proxies = new WeakMap<object, unknown>();
  const watch = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    const known = proxies.get(value);
    if (known) return known;
    const proxy = new Proxy(value, {
      get: (target, key) => {
        count();
        return watch(Reflect.get(target, key));
      },
      has: (target, key) => {
        count();
        return Reflect.has(target, key);
      },
      ownKeys: (target) => {
        for (let i = 0; i < Object.keys(target).length; i++) count();
        return Reflect.ownKeys(target);
      },
    });
    proxies.set(value, proxy);
    return proxy;
  };
  const { topic, levels, payload, retain } = message;
  const json = message.json();
  return {
    topic,
    levels,
    payload,
    retain,
    text: () => message.text(),
    json: () => watch(json),
    known: (dialect) => message.known(dialect),
  };
}

function decodeCounting(driver: Driver, message: RawMessage, one: Input): Decoded | undefined {
  let looks = 0;
  const decoded = driver.decode(counted(message, () => looks++));
  if (looks > mostLooks(one)) throw new Error(`${driver.dialect} looked ${looks} times into ${payloadOf(one)}`);
  return decoded;
}

function payloadOf({ topic, payload }: Input): string {
  return JSON.stringify({ topic, payload: payload.toString("latin1").slice(0, 500) });
}

test(`no driver throws or says anything impossible, in ${numRuns} changed messages`, {
  timeout: 10_000 + numRuns,
}, () => {
  fc.assert(
    fc.property(fc.array(input, { minLength: 1, maxLength: 2 }), (inputs) => {
      const definitions = createDefinitions();
      for (const one of inputs) {
        const message = createMessage({ ...one, known: definitions.known });
        for (const driver of drivers) {
          const faults = [...faultsOf(decodeCounting(driver, message, one))];
          if (faults.length > 0) throw new Error(`${driver.dialect} says ${faults.join(", ")} of ${payloadOf(one)}`);
        }
        const result = decode(message);
        if (result && "defines" in result.decoded && result.decoded.defines)
          definitions.learn(result.dialect, result.decoded.defines);
      }
    }),
    { numRuns },
  );
  expect(recorded.length).toBeGreaterThan(drivers.length * 5);
});
