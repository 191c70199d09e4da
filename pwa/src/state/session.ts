import { createMemo, createSignal } from "solid-js";
import type { AcceptInvitation, Claim, Hub, Permission, Session, SignIn } from "../../../hub/src/api/contract.ts";
import { deleteJson, getJson, postJson, RequestFailure, whenSignedOut } from "./api.ts";
import { backoffMs } from "./backoff.ts";
import { adoptLanguage } from "./settings.ts";

/**
 * What stands between a visitor and the home. `open` is a demo on the hub itself, which needs nobody to sign in;
 * `unreachable` that the hub has not said yet who may come in.
 */
export type Door = "loading" | "unreachable" | "unclaimed" | "open" | "signed-out" | "signed-in";

/** Why somebody who was in stands outside. */
export type Leaving = "ended" | "left";

const [hub, setHub] = createSignal<Hub | null>(null);
// The last one, so that a start shows the home at once; the hub has the last word.
const [session, setSessionSignal] = createSignal<Session | null>(readKept());
const [failure, setFailure] = createSignal<unknown>(null);
const [leaving, setLeaving] = createSignal<Leaving | null>(null);

export { hub, leaving, session };

/** Where the visitor stands; call it from a root. */
export function createDoor(): () => Door {
  return createMemo(() => {
    if (session()) return "signed-in";
    const known = hub();
    if (!known) return failure() ? "unreachable" : "loading";
    if (known.state === "claimed") return "signed-out";
    return known.isDemo && known.isLocal ? "open" : "unclaimed";
  });
}

/** Whether the person may do it; in an open demo everything but what belongs to people. */
export function can(permission: Permission): boolean {
  const known = session();
  if (known) return known.permissions.includes(permission);
  return permission === "home.view" || permission === "meters.view" || permission === "meters.manage";
}

/** Asks the hub who it is and who is here, and again until it answers; returns what stops it. */
export function startSession(): () => void {
  whenSignedOut(() => {
    if (session()) forget("ended");
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  let attempt = 0;
  let isStopped = false;
  const ask = async () => {
    await readDoor();
    if (failure() && !isStopped) timer = setTimeout(ask, backoffMs(attempt++, Math.random()));
  };
  void ask();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}

/** Reads who the hub is and who is here. Never rejects: a hub that does not answer leaves the visitor where they stand. */
export async function readDoor(): Promise<void> {
  try {
    // Both at once where somebody is expected; a hub without an owner has nobody to tell of.
    const early = session() ? readSession() : null;
    early?.catch(() => {}); // it is awaited below, unless the first answer makes it needless
    const found = await getJson<Hub>("/api/hub");
    const here = found.state === "claimed" ? await (early ?? readSession()) : null;
    setHub(found);
    if (here) keep(here);
    else if (session()) forget("ended");
    setFailure(null);
  } catch (reason) {
    setFailure(reason);
  }
}

/** Whether the visitor may still be inside, as when a socket was refused or closed; false also when nobody answers. */
export async function checkSession(): Promise<boolean> {
  if (!session()) {
    await readDoor();
    return failure() === null;
  }
  try {
    keep(await getJson<Session>("/api/session"));
    return true;
  } catch {
    return false;
  }
}

async function readSession(): Promise<Session | null> {
  try {
    return await getJson<Session>("/api/session");
  } catch (reason) {
    if (reason instanceof RequestFailure && (reason.status === 401 || reason.status === 403)) return null;
    throw reason;
  }
}

export async function signIn(body: SignIn): Promise<void> {
  enter(await postJson<Session>("/api/session", body));
}

/** Makes the hub somebody's; `arrive` chooses the page before the home opens. */
export async function claim(body: Claim, arrive: () => Promise<void>): Promise<void> {
  const owner = await postJson<Session>("/api/claim", body);
  await arrive();
  enter(owner);
  await readDoor();
}

export async function join(code: string, body: AcceptInvitation): Promise<void> {
  enter(await postJson<Session>(`/api/join/${encodeURIComponent(code)}`, body));
}

/** Signs out in this browser. */
export async function signOut(): Promise<void> {
  await deleteJson("/api/session");
  forget("left");
}

/** Signs out in every browser and app. */
export async function signOutEverywhere(): Promise<void> {
  await deleteJson("/api/me/sessions");
  forget("left");
}

/** Takes over what the hub says of the person, as after a change. */
export function keep(value: Session): void {
  setSessionSignal(value);
  write(JSON.stringify(value));
}

/** Forgets who was signed in on this device. */
export function forget(why: Leaving): void {
  setLeaving(why);
  setSessionSignal(null);
  write(null);
}

function enter(value: Session): void {
  adoptLanguage(value.person.language);
  setLeaving(null);
  keep(value);
}

const KEY = "faiban.session";

function readKept(): Session | null {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "null");
    return isSession(kept) ? kept : null;
  } catch {
    return null;
  }
}

function isSession(value: unknown): value is Session {
  return typeof value === "object" && value !== null && "person" in value && "permissions" in value;
}

function write(value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, value);
  } catch {
    // Without storage, the next start asks the hub first.
  }
}
