/** One replay from start to end, with what it says meanwhile. */

import type { ReplayFlags } from "./flags.ts";
import { type Played, play } from "./play.ts";
import { RecordingError, readRecording } from "./recording.ts";
import { BrokerError, openSender } from "./sender.ts";

interface World {
  nowMs(): number;
  print(sentence: string): void;
  stop: AbortSignal;
}

export interface Outcome extends Played {
  badRows: number;
  /** Everything arrived. */
  complete: boolean;
}

const badRowsTold = 5;
const progressEveryMs = 2_000;

export async function replay(flags: ReplayFlags, { nowMs, print, stop }: World): Promise<Outcome> {
  const startedMs = performance.now();
  let badRows = 0;
  const steps = readRecording({
    file: flags.file,
    homeId: flags.homeId,
    ...(flags.now ? { startMs: nowMs() } : {}),
    onRemark: print,
    onBadRow(row, why) {
      badRows += 1;
      if (badRows <= badRowsTold) print(`Line ${row} is left out: ${why}.`);
      if (badRows === badRowsTold) print("Further such lines are only counted.");
    },
  });
  const sender = openSender({ ...flags, print });
  let toldMs = startedMs;
  let toldMessages = 0;
  const onProgress = (played: Played) => {
    const nowMs = performance.now();
    if (nowMs - toldMs < progressEveryMs) return;
    const rate = Math.round((played.messages - toldMessages) / ((nowMs - toldMs) / 1000));
    print(`${played.rows} rows, ${played.messages} messages, ${rate} a second.`);
    toldMs = nowMs;
    toldMessages = played.messages;
  };
  let played: Played = { rows: 0, messages: 0 };
  let complete = false;
  try {
    played = await play({ ...flags, steps, sender, stop, onProgress });
    complete = played.messages > 0 && sender.lost() === 0 && !stop.aborted;
    print(summary(played, badRows, performance.now() - startedMs));
    if (sender.lost() > 0)
      print(`${sender.lost()} messages may be lost: the connection broke, and QoS 0 asks for nothing.`);
    if (played.messages === 0) print(`${flags.file} has no row that could be replayed.`);
  } catch (error) {
    if (!(error instanceof RecordingError || error instanceof BrokerError)) throw error;
    print(error.message);
    if (sender.sent() > 0) print(`${sender.sent()} messages were sent before.`);
  } finally {
    await sender.close();
  }
  return { ...played, badRows, complete };
}

function summary({ rows, messages, firstMs, lastMs }: Played, badRows: number, tookMs: number): string {
  const seconds = Math.max(0.001, tookMs / 1000);
  const bad = badRows > 0 ? `, ${badRows} bad lines left out` : "";
  const span =
    firstMs === undefined || lastMs === undefined
      ? ""
      : `, from ${new Date(firstMs).toISOString()} to ${new Date(lastMs).toISOString()}`;
  const rate = Math.round(messages / seconds);
  return `Replayed ${rows} rows as ${messages} messages in ${seconds.toFixed(1)} s (${rate} a second)${span}${bad}.`;
}
