import { createResource, type Resource } from "solid-js";
import type { Health, History, UnknownTopic } from "../../../hub/src/api/contract.ts";
import { getJson } from "./api.ts";

const DAY_MS = 86_400_000;

/** The home's grid power since midnight in quarter hours; `range` changes when it must be read again. */
export function createHomeDay(range: () => { dayStartMs: number; session: number } | null) {
  return createResource(range, ({ dayStartMs }) => {
    const query = new URLSearchParams({
      from: String(dayStartMs),
      to: String(dayStartMs + DAY_MS),
      step: "quarter_hour",
    });
    return getJson<History>(`/api/home/history?${query}`);
  });
}

/** One channel's power since midnight, in the finest step that fits. */
export function createChannelDay(range: () => { channelId: string; dayStartMs: number; session: number } | null) {
  return createResource(range, ({ channelId, dayStartMs }) => {
    const query = new URLSearchParams({
      channel: channelId,
      quantity: "power_active",
      from: String(dayStartMs),
      to: String(dayStartMs + DAY_MS),
      step: "auto",
    });
    return getJson<History>(`/api/history?${query}`);
  });
}

export function createUnknownTopics() {
  return createResource(() => getJson<UnknownTopic[]>("/api/unknown-topics"));
}

export function createHealth() {
  return createResource(() => getJson<Health>("/api/health"));
}

/** A resource's newest value without throwing its error, which the page shows in its own place. */
export function settled<T>(resource: Resource<T>): T | undefined {
  return resource.error ? undefined : resource.latest;
}
