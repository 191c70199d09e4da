import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { through } from "./through.ts";

async function* endless() {
  for (;;) yield Buffer.alloc(10_000);
}

async function* failing() {
  yield Buffer.alloc(10_000);
  throw new Error("source");
}

async function drain(output: AsyncIterable<Buffer>): Promise<void> {
  for await (const _ of output);
}

describe("what failed first is what is told", () => {
  test("when the sink fails", async () => {
    const sink = async (output: AsyncIterable<Buffer>) => {
      for await (const _ of output) throw new Error("sink");
    };
    await expect(through(endless(), new PassThrough(), sink, undefined)).rejects.toThrow("sink");
  });

  test("when the source or the transform fails", async () => {
    await expect(through(failing(), new PassThrough(), drain, undefined)).rejects.toThrow("source");
    const transform = new PassThrough({ transform: (_chunk, _encoding, done) => done(new Error("transform")) });
    await expect(through(endless(), transform, drain, undefined)).rejects.toThrow("transform");
  });

  test("when it is stopped, and only once the sink has let go", async () => {
    const stop = new AbortController();
    let isAtRest = false;
    const sink = async (output: AsyncIterable<Buffer>) => {
      try {
        for await (const _ of output) stop.abort();
      } finally {
        await new Promise((resolve) => setTimeout(resolve, 20));
        isAtRest = true;
      }
    };
    const stopped = through(endless(), new PassThrough(), sink, stop.signal).catch((error) => error);
    expect(await stopped).toBe(stop.signal.reason);
    expect(isAtRest).toBe(true);
  });
});
