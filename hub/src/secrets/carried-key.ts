/** The master key on its way inside a backup: an archive is encrypted, and would be of little use without it. */

/** The setting of a restored database that holds the key (base64), until the hub's first start with it. */
export const carriedKeySetting = "master_key";

export interface CarriedKey {
  get(): string | null;
  /** Forgets it, so that no trace stays in the database's file. */
  clear(): void;
}
