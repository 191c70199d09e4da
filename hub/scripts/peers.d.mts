export type PeerName = "mosquitto" | "influxdb" | "victoria-metrics";
export function findPeer(name: PeerName, options?: { exists?: (path: string) => boolean }): string | null;
export function installPeers(names?: readonly PeerName[]): Promise<void>;
export class Problem extends Error {}
