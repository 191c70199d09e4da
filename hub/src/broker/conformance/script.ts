/**
 * Talks to a broker as a script says, for the conformance tests. A step is one of
 *
 *     > 82: #1 "a/b" 01     sends a packet: first byte, then the body; the length between is worked out
 *     < 90: #1 01           expects just this packet
 *     ~ 30 ff ff            sends bytes as they are
 *     connect               sends a CONNECT with an id of its own and a clean session, and expects CONNACK
 *     open                  expects the answer to a PINGREQ, and nothing before it
 *     closed                expects the connection to be closed, and nothing before
 *     cut                   ends the connection without DISCONNECT
 *     again                 begins another connection
 *
 * `b` in front of a step is for a second connection. In a body `#1` is a number of two bytes, `"text"` a string with its
 * length, `'text'` its bytes alone, `01ff` are bytes.
 */
import { createConnection, type Socket } from "node:net";
import { describe, test } from "vitest";
import { lengthOf, openBroker, text, until } from "../harness.ts";

interface Wire {
  socket: Socket;
  /** What arrived and is not expected yet. */
  rest: Buffer;
  isClosed: boolean;
}

/** A CONNECT with a clean session, and one without. */
export const connect = '> 10: "MQTT" 04 02 #60 "id"';
export const resume = '> 10: "MQTT" 04 00 #60 "id"';

/** What is to be seen, and the steps of its script. */
export type Row = readonly [what: string, ...steps: string[]];

/** Makes a test of each row, with a broker of its own: nobody may publish on `secret…` or subscribe to `test/nosubscribe…`. */
export function conforms(group: string, rows: readonly Row[]): void {
  describe(group, () => {
    test.each(rows.map((row, at) => [row[0], row.slice(1), at] as const))("%s", async (_what, steps, at) => {
      const { port, broker } = await openBroker(undefined, undefined, {
        admit: () => ({
          identity: "anybody",
          rights: {
            mayPublish: (topic) => !topic.startsWith("secret"),
            maySubscribe: (filter) => !filter.startsWith("test/nosubscribe"),
            mayRead: () => true,
          },
          keepsSession: true,
        }),
      });
      const others = steps.some((step) => step === "b connect") ? 1 : 0;
      const whenGone = () => until(() => broker.clients() <= others, "the broker to notice");
      await runScript(port, `row-${at}`, steps, whenGone);
    });
  });
}

/** Runs a script against a broker; throws where the answers differ. `whenGone` waits until the broker knows of a cut. */
async function runScript(port: number, id: string, steps: readonly string[], whenGone: () => Promise<unknown>) {
  const wires = new Map<string, Wire>();
  try {
    for (const step of steps) {
      const [, name = "", rest = ""] = /^(b )?(.*)$/.exec(step) ?? [];
      await runStep(step, rest, name);
    }
  } finally {
    for (const { socket } of wires.values()) socket.destroy();
  }

  async function runStep(step: string, what: string, name: string): Promise<void> {
    const [verb = "", ...words] = what.split(" ");
    if (verb === "again") wires.delete(name);
    const wire = wires.get(name) ?? open(port);
    wires.set(name, wire);
    if (verb === "connect") {
      wire.socket.write(packet(`10: "MQTT" 04 02 #60 "${id}${name && "-b"}"`));
      await expectBytes(wire, packet("20: 0000"), step);
    } else if (verb === ">") wire.socket.write(packet(words.join(" ")));
    else if (verb === "~") wire.socket.write(bytesOf(words.join(" ")));
    else if (verb === "<") await expectBytes(wire, packet(words.join(" ")), step);
    else if (verb === "open") {
      wire.socket.write(packet("c0:"));
      await expectBytes(wire, packet("d0:"), step);
    } else if (verb === "closed") await expectEnd(wire, step);
    else if (verb === "cut") {
      wire.socket.destroy();
      await whenGone();
    } else if (verb !== "again") throw new Error(`What is "${step}"?`);
  }
}

function open(port: number): Wire {
  const socket = createConnection({ port, host: "127.0.0.1", noDelay: true });
  const wire: Wire = { socket, rest: Buffer.alloc(0), isClosed: false };
  socket.on("error", () => {});
  socket.on("data", (chunk: Buffer) => {
    wire.rest = Buffer.concat([wire.rest, chunk]);
  });
  socket.on("close", () => {
    wire.isClosed = true;
  });
  return wire;
}

async function expectBytes(wire: Wire, expected: Buffer, step: string): Promise<void> {
  await until(() => wire.rest.length >= expected.length || wire.isClosed, step);
  const got = wire.rest.subarray(0, expected.length);
  if (!got.equals(expected)) {
    throw new Error(`${step}: got ${wire.rest.toString("hex") || "nothing"}${wire.isClosed ? " and the end" : ""}`);
  }
  wire.rest = wire.rest.subarray(expected.length);
}

async function expectEnd(wire: Wire, step: string): Promise<void> {
  await until(() => wire.isClosed || wire.rest.length > 0, step);
  if (wire.rest.length > 0) throw new Error(`${step}: got ${wire.rest.toString("hex")}`);
}

function packet(words: string): Buffer {
  const [first = "", body = ""] = words.split(/:\s?(.*)/);
  const bytes = bytesOf(body);
  return Buffer.concat([Buffer.from(first, "hex"), lengthOf(bytes.length), bytes]);
}

function bytesOf(words: string): Buffer {
  const parts = words.match(/"[^"]*"|'[^']*'|\S+/g) ?? [];
  return Buffer.concat(parts.map(partOf));
}

function partOf(word: string): Buffer {
  if (word.startsWith('"')) return text(word.slice(1, -1));
  if (word.startsWith("'")) return Buffer.from(word.slice(1, -1));
  if (!word.startsWith("#")) return Buffer.from(word, "hex");
  const number = Number(word.slice(1));
  return Buffer.from([number >> 8, number & 0xff]);
}
