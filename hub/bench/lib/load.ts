/** Loads that benchmarks put on a broker, each from a process of its own. */
import type { BurstOptions, BurstSaid } from "../programs/burst.ts";
import type { PacedOptions, PacedSaid } from "../programs/paced.ts";
import { type Program, type Run, startProgram } from "./processes.ts";

/** What a burst took. */
export interface Burst {
  elapsedMs: number;
  /** CPU time of the loading program. */
  loadCpuUs: number;
}

/**
 * Sends a fleet's messages as fast as the broker takes them; resolves when the last one of each meter is acknowledged
 * and `isReceived` too. `onStart` is called right before the first.
 */
export async function burst(
  run: Run,
  options: BurstOptions,
  { onStart = () => {}, isReceived = () => Promise.resolve<unknown>(undefined) } = {},
): Promise<Burst> {
  const program = startProgram<BurstSaid>(run, "burst.ts", options);
  await program.next();
  onStart();
  const startMs = performance.now();
  program.tell({ go: true });
  const said = await program.next();
  await isReceived();
  const elapsedMs = performance.now() - startMs;
  await program.exited;
  return { elapsedMs, loadCpuUs: "cpuUs" in said ? said.cpuUs : 0 };
}

/** A load at a steady pace; `finished` gives the latencies of QoS 1 in ms by broker. */
export async function startPaced(run: Run, options: PacedOptions): Promise<{ finished: Promise<number[][]> }> {
  const program: Program<PacedSaid> = startProgram(run, "paced.ts", options);
  await program.next();
  program.tell({ go: true });
  const finish = async () => {
    const said = await program.next();
    await program.exited;
    return "latenciesMs" in said ? said.latenciesMs : [];
  };
  const finished = finish();
  finished.catch(() => {}); // awaited by whoever wants it, perhaps minutes later
  return { finished };
}
