/** A guard for Aedes on Node 26. */
import type { Duplex } from "node:stream";

/**
 * Lets `read()` return all that is buffered, as it did before Node 26, which returns one chunk at a time.
 * Aedes 1.2 reads once per "readable" event and again only after a packet; a packet in several chunks (a WebSocket
 * client's header and body, a large payload) would never be completed.
 */
export function withWholeReads<S extends Duplex>(stream: S): S {
  const read = stream.read.bind(stream);
  stream.read = (size?: number | null) => (size === undefined || size === null ? readAll(read) : read(size));
  return stream;
}

function readAll(read: () => Buffer | null): Buffer | null {
  const first = read();
  if (first === null) return null;
  const chunks = [first];
  for (let chunk = read(); chunk !== null; chunk = read()) chunks.push(chunk);
  return chunks.length === 1 ? first : Buffer.concat(chunks);
}
