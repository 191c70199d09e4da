/** How the hub keeps its memory small; arguments of Node. */
export const memoryFlags: string[];
export interface Machine {
  platform: string;
  arch: string;
  execPath: string;
  versions: { node: string };
}
export function chooseNode(options: {
  root: string;
  machine?: Machine;
  exists?: (path: string) => boolean;
}): string | null;

/** Something the user can do something about: shown as a sentence, without a stack. */
export class Problem extends Error {}
