/** Records what a broker publishes, one JSON line a message. */

import { once } from "node:events";
import { createWriteStream } from "node:fs";
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import mqtt, { type MqttClient } from "mqtt";
import type { RecordFlags } from "./flags.ts";
import { writeLine } from "./recorded-line.ts";

interface World {
  nowMs(): number;
  print(sentence: string): void;
  stop: AbortSignal;
  stdout: Writable;
}

/** Nothing could be recorded. */
export class RecordError extends Error {}

/** The number of messages written when it was stopped. */
export async function record(flags: RecordFlags, { nowMs, print, stop, stdout }: World): Promise<number> {
  const output = flags.file === "-" ? stdout : await openFile(flags.file, flags.force);
  const client = listen(flags, print);
  let messages = 0;
  client.handleMessage = (packet, acknowledge) => {
    const payload = Buffer.from(packet.payload);
    messages += 1;
    const line = writeLine({ timeMs: nowMs(), topic: packet.topic, payload, qos: packet.qos, retain: packet.retain });
    // A slow disk slows the broker down, instead of filling the memory.
    if (output.write(`${line}\n`)) acknowledge();
    else output.once("drain", () => acknowledge());
  };
  const problem = await untilStopped({ output, stop, ...(flags.seconds && { seconds: flags.seconds }) });
  client.handleMessage = (_, acknowledge) => acknowledge();
  await client.endAsync(!client.connected);
  if (problem && flags.file !== "-") throw new RecordError(`${flags.file} cannot be written: ${problem.message}.`);
  if (flags.file !== "-") {
    output.end();
    await finished(output);
  }
  print(`Recorded ${messages} messages.`);
  return messages;
}

/** Why the output broke, or undefined when the recording was to end. */
async function untilStopped({ output, stop, seconds }: { output: Writable; stop: AbortSignal; seconds?: number }) {
  const { promise, resolve } = Promise.withResolvers<Error | undefined>();
  const end = () => resolve(undefined);
  output.on("error", resolve);
  stop.addEventListener("abort", end, { once: true });
  const timer = seconds === undefined ? undefined : setTimeout(end, seconds * 1000);
  const problem = stop.aborted ? undefined : await promise;
  clearTimeout(timer);
  return problem;
}

async function openFile(file: string, force: boolean): Promise<Writable> {
  const stream = createWriteStream(file, { flags: force ? "w" : "wx" });
  try {
    await once(stream, "open");
    return stream;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new RecordError(
      code === "EEXIST"
        ? `${file} exists; choose another name or add --force.`
        : `${file} cannot be written: ${message}.`,
      { cause: error },
    );
  }
}

function listen({ brokerUrl, topics }: RecordFlags, print: (sentence: string) => void): MqttClient {
  const host = new URL(brokerUrl).host;
  // A clean session: a broker must not keep messages for a recorder that is gone.
  const client = mqtt.connect(brokerUrl, { clean: true, keepalive: 30, reconnectPeriod: 2_000 });
  let away = false;
  client.on("connect", () => {
    away = false;
    print(`Recording ${topics.join(", ")} from ${host}; Ctrl-C stops.`);
  });
  const miss = (reason: string) => {
    if (!away) print(`The broker at ${host} is away${reason}; trying again every 2 seconds.`);
    away = true;
  };
  client.on("error", (error) => miss(error.message === "" ? "" : ` (${error.message})`));
  client.on("close", () => {
    if (!client.disconnecting) miss("");
  });
  // QoS 2, so that each message comes with the QoS that it was published with.
  client.subscribe(topics, { qos: 2 }, (error, granted) => {
    const refused = granted?.filter(({ qos }) => qos > 2).map(({ topic }) => topic) ?? [];
    if (error || refused.length > 0) print(`The broker refused ${(refused.length > 0 ? refused : topics).join(", ")}.`);
  });
  return client;
}
