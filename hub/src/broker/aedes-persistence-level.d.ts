/** The package ships no types. */
declare module "aedes-persistence-level" {
  import type { Level } from "level";

  /** What is stored of a message. */
  export interface StoredPacket {
    topic: string;
    qos?: number;
    messageId?: number;
    brokerId?: string;
    brokerCounter?: number;
  }

  /** The subscriptions of persistent sessions. */
  export interface SubscriptionStore {
    addSubscriptions(client: { id: string }, subscriptions: { topic: string; qos: number }[]): Promise<unknown>;
    removeSubscriptions(client: { id: string }, filters: string[]): Promise<unknown>;
    /** Ends a session. */
    cleanSubscriptions(client: { id: string }): Promise<unknown>;
  }

  /** Retained messages, and those queued for persistent sessions. */
  export interface MessageStore {
    storeRetained(packet: StoredPacket): Promise<unknown>;
    /** Queues a message for those who subscribe. */
    outgoingEnqueueCombi(subscriptions: unknown[], packet: StoredPacket): Promise<unknown>;
    /** Gives a queued message the id under which a client gets it. */
    outgoingUpdate(client: { id: string }, packet: StoredPacket): Promise<unknown>;
  }

  /** Aedes' persistence in a Level database. */
  export default function aedesPersistence(level: Level): { asyncPersistence: SubscriptionStore & MessageStore };
}
