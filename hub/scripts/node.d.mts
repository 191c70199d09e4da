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
