export const projectRoot: string;
export function isInstalled(root: string): boolean;
export function isBuilt(root: string): boolean;
export function installFingerprint(root: string): string;
export function buildFingerprint(root: string): string;
