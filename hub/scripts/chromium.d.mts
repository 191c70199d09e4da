export function findChromium(options?: {
  env?: Record<string, string | undefined>;
  exists?: (path: string) => boolean;
}): string | null;
export function ensureChromium(): Promise<string>;
