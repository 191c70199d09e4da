/** A message as the broker hands it over; `I` is what its client was admitted as. */
export interface Publication<I = unknown> {
  topic: string;
  /**
   * A view of the bytes as they arrived, shared with the message that subscribers get: never change it. It stays as it
   * is for as long as it is held, but holds up to 64 KB of neighbours in memory: copy what is to be kept.
   */
  payload: Uint8Array;
  qos: 0 | 1 | 2;
  retain: boolean;
  /** Null when the broker admits everybody. A last will carries that of its client. */
  identity: I | null;
  clientId: string | null;
}
