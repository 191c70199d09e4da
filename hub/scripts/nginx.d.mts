export function findNginx(options?: {
  env?: Record<string, string | undefined>;
  exists?: (path: string) => boolean;
}): string | null;
export function ensureNginx(): Promise<string>;
