/** What must end with somebody's session, such as open sockets. */
import type { Identity } from "../access/roles.ts";

export interface Ended {
  personId: string;
  /** Only this session of theirs. */
  sessionId?: string;
  /** Only this token of theirs. */
  tokenId?: string;
}

/** Whether an identity is among those that ended. */
export function isEnded(identity: Identity, { personId, sessionId, tokenId }: Ended): boolean {
  if (identity.personId !== personId) return false;
  if (sessionId !== undefined) return identity.sessionId === sessionId;
  return tokenId === undefined || identity.tokenId === tokenId;
}

export type Watches = ReturnType<typeof createWatches>;

export function createWatches() {
  const watched = new Map<() => void, Identity>();
  return {
    /** Calls `end` when the identity ends; the returned function forgets it. */
    add(identity: Identity, end: () => void): () => void {
      watched.set(end, identity);
      return () => watched.delete(end);
    },
    end(ended: Ended): void {
      for (const [end, identity] of [...watched]) {
        if (!isEnded(identity, ended)) continue;
        watched.delete(end);
        end();
      }
    },
    /** Ends what was let in before the hub had an owner. */
    endLocal(): void {
      for (const [end, identity] of [...watched]) {
        if (identity.kind !== "local") continue;
        watched.delete(end);
        end();
      }
    },
  };
}
