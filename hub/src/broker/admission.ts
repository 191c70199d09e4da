/** Who may connect, and what they may do: the questions that the broker asks, and the answers it takes. */
import type { IncomingMessage } from "node:http";
import type { TLSSocket } from "node:tls";

export type Transport = "tcp" | "tls" | "websocket";

/** A last will [section 3.1.2.5]. */
export interface Will {
  topic: string;
  payload: Uint8Array;
  qos: 0 | 1 | 2;
  retain: boolean;
}

/** What a client says and shows when it connects. */
export interface ConnectRequest {
  /** Empty when the client leaves it to the broker. */
  clientId: string;
  username: string | null;
  password: Buffer | null;
  /** IPv4 addresses are written as such; null when the connection is already gone. */
  remoteAddress: string | null;
  transport: Transport;
  /** Shows the client's certificate, whether it is good or not; null without TLS. */
  tlsSocket: TLSSocket | null;
  /** The request that became the WebSocket. */
  request: IncomingMessage | null;
  will: Will | null;
  /** False when the client wishes for a persistent session. */
  isClean: boolean;
}

/** Answers must be quick and steady: the broker remembers them until `forgetRights`. */
export interface Rights {
  mayPublish(topic: string, retain: boolean): boolean;
  maySubscribe(filter: string): boolean;
  /** Asked of each message that a filter matches. */
  mayRead(topic: string): boolean;
  /** Its messages are offered to the hub and acknowledged, and nobody gets them. */
  readonly isMuted?: boolean;
}

export type Refusal = "credentials" | "not_authorized" | "unavailable" | "identifier";

/** The answer to a CONNECT; `keepsSession` false makes a persistent session a clean one. `why` is for the log. */
export type Admission<I> = { identity: I; rights: Rights; keepsSession: boolean } | { refused: Refusal; why: string };

/** What a client was not allowed to do. */
export interface RefusedAction {
  action: "publish" | "subscribe";
  topic: string;
}

/** Of those whom nobody checks. Recognised by identity, so that no question is asked at all. */
export const allRights: Rights = { mayPublish: () => true, maySubscribe: () => true, mayRead: () => true };

const mostAnswers = 1_000;
/** Longer topics are asked about each time, so that remembering them cannot fill the memory. */
export const longestRememberedTopic = 256;

/** Remembers what one client may publish; null for a client with all rights. */
export function rememberMayPublish(rights: Rights): { mayPublish: Rights["mayPublish"]; forget(): void } | null {
  if (rights === allRights) return null;
  const answers = new Map<string, boolean>();
  return {
    mayPublish(topic, retain) {
      const question = retain ? `r${topic}` : `p${topic}`;
      const known = answers.get(question);
      if (known !== undefined) return known;
      const answer = rights.mayPublish(topic, retain);
      if (answers.size >= mostAnswers) answers.clear();
      if (topic.length <= longestRememberedTopic) answers.set(question, answer);
      return answer;
    },
    forget: () => answers.clear(),
  };
}
