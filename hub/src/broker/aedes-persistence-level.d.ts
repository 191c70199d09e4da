/** The package ships no types. */
declare module "aedes-persistence-level" {
  import type { Level } from "level";
  /** Retained messages, subscriptions and queues of Aedes in a Level database. */
  export default function aedesPersistence(level: Level): unknown;
}
