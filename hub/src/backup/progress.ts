/** How far a backup or a restore is: bytes of a phase. */
export interface Progress {
  phase: "copy" | "write" | "read";
  done: number;
  total: number;
}

export type OnProgress = (progress: Progress) => void;

/** Passes bytes on and reports how many have passed. */
export async function* counted(
  source: AsyncIterable<Buffer>,
  phase: Progress["phase"],
  total: number,
  onProgress: OnProgress | undefined,
): AsyncGenerator<Buffer> {
  let done = 0;
  for await (const chunk of source) {
    done += chunk.length;
    onProgress?.({ phase, done, total });
    yield chunk;
  }
}
