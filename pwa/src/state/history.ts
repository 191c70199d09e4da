import { createResource, type Resource } from "solid-js";
import type { History, UnknownTopic } from "../../../hub/src/api/contract.ts";
import { getJson } from "./api.ts";

const DAY_MS = 86_400_000;

/** The home's grid power since midnight in quarter hours; `range` changes when it must be read again. */
export function createHomeDay(range: () => { dayStartMs: number; session: number }) {
  return createResource(range, ({ dayStartMs }) => {
    const query = new URLSearchParams({ ...day(dayStartMs), step: "quarter_hour" });
    return getJson<History>(`/api/home/history?${query}`);
  });
}

/** One channel's power since midnight, in the finest step that fits. */
export function createChannelDay(range: () => { channelId: string; dayStartMs: number; session: number }) {
  return createResource(range, ({ channelId, dayStartMs }) => {
    const query = new URLSearchParams({ ...day(dayStartMs), channel: channelId, quantity: "power_active" });
    return getJson<History>(`/api/history?${query}`);
  });
}

function day(startMs: number) {
  return { from: String(startMs), to: String(startMs + DAY_MS) };
}

export function createUnknownTopics() {
  return createResource(() => getJson<UnknownTopic[]>("/api/unknown-topics"));
}

/** The history if it is of the day that starts then: after midnight, yesterday's stands until today's has come. */
export function ofDay(history: History | undefined, dayStartMs: number): History | undefined {
  return history?.fromMs === dayStartMs ? history : undefined;
}

/** A resource's newest value without throwing its error, which the page shows in its own place. */
export function settled<T>(resource: Resource<T>): T | undefined {
  return resource.error ? undefined : resource.latest;
}
