import { quote } from "./number.ts";

const maxIdLength = 64;

/** Names that would mean something else as a path or as a property. */
const reserved: ReadonlySet<string> = new Set([".", "..", "__proto__"]);

/** An id from a topic may be in any script, since the user may have chosen it; undefined when it is usable. */
export function faultOfTopicId(id: string, maxLength = maxIdLength): string | undefined {
  if (id.trim() === "") return "an id in the topic is empty";
  if (id.length > maxLength) return `the id ${quote(id)} is longer than ${maxLength} characters`;
  if (reserved.has(id) || /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(id)) return `the id ${quote(id)} is not allowed`;
  return undefined;
}

/** An id from a payload is made by a program; undefined when it is usable. */
export function faultOfPayloadId(id: unknown): string | undefined {
  if (typeof id === "string" && /^[A-Za-z0-9_.:-]{1,64}$/.test(id) && !reserved.has(id)) return undefined;
  const shown = typeof id === "string" ? quote(id) : `of type ${typeof id}`;
  return `the device_id ${shown} is not allowed: use 1 to 64 letters, digits and _ . : -`;
}

/** Twelve upper-case hex digits, from a MAC however it is written; undefined when it is none. */
export function readMac(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const digits = value.replace(/[:-]/g, "").toUpperCase();
  return /^[0-9A-F]{12}$/.test(digits) ? digits : undefined;
}
