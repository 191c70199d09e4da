/** Names that people sign in with. */
import { HubError } from "../errors.ts";

/** A name as people can read it and type it again. Throws HubError BAD_REQUEST when nothing is left of it. */
export function cleanName(name: string): string {
  const clean = name.normalize("NFC").replace(/\p{C}/gu, "").replace(/\s+/g, " ").trim();
  if (clean !== "") return clean;
  throw new HubError("BAD_REQUEST", "The name has no characters that can be seen", "Send 1 to 64 letters or digits.");
}

/** The same for names that people would take for one. */
export function sameName(name: string): string {
  return name.normalize("NFKC").toUpperCase().toLowerCase();
}

/** Whoever goes by a name; a home has few people. */
export function findByName<P extends { name: string }>(people: readonly P[], name: string): P | null {
  const wanted = sameName(cleanName(name));
  return people.find((person) => sameName(person.name) === wanted) ?? null;
}
