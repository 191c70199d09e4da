export type PeerName = "mosquitto" | "influxdb" | "victoria-metrics";
export function findPeer(name: PeerName, options?: { exists?: (path: string) => boolean }): string | null;
export function installPeers(): Promise<void>;
export class Problem extends Error {}
