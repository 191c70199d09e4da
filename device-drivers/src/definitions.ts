/**
 * What messages said about other topics, such as Home Assistant's discovery. Drivers keep nothing between messages: a
 * driver returns definitions, the hub keeps them here, and later messages on the topics bring them back (`RawMessage.known`).
 */
import { Buffer } from "node:buffer";
import type { Definition, DefinitionData, Definitions } from "./driver.ts";

/** The definitions of one source, as they are stored. */
export interface StoredDefinitions {
  dialect: string;
  source: string;
  list: readonly Definition[];
}

/** Where definitions survive a restart; both may throw, and `learn` then throws what they threw. */
export interface DefinitionStore {
  load(): Iterable<StoredDefinitions>;
  /** Takes the place of what is stored of this dialect and source; an empty list removes it. */
  save(stored: StoredDefinitions): void;
}

/** Limits against floods of made-up configurations; a large home has some hundred sources. */
const mostSources = 5_000;
const mostOfSource = 64;
const mostTopics = 128;
const longestText = 1_024;
const mostDataBytes = 4_096;

/** Definitions of one topic that a driver is shown: a topic that all devices share says little of each. */
const mostOfTopic = 256;

/** Why definitions were not taken: a sentence that a person can act on. */
export type Refusal = { refused: string };

export type DefinitionRegistry = ReturnType<typeof createDefinitions>;

/** Opens the registry on the stored definitions; what is stored but not sound any more is passed over. */
export function createDefinitions(store: DefinitionStore = storeOfNothing) {
  const bySource = new Map<string, StoredDefinitions>();
  const byTopic = new Map<string, Map<string, DefinitionData[]>>();
  for (const stored of store.load()) if (!faultOf(stored.source, stored.list)) put(stored);

  function put(stored: StoredDefinitions): void {
    const key = nameKey(stored.dialect, stored.source);
    drop(key);
    if (stored.list.length === 0) return;
    bySource.set(key, stored);
    for (const { topics, data } of stored.list) for (const topic of new Set(topics)) addTo(topic, stored.dialect, data);
  }

  function addTo(topic: string, dialect: string, data: DefinitionData): void {
    const dialects = byTopic.get(topic) ?? new Map<string, DefinitionData[]>();
    byTopic.set(topic, dialects);
    const list = dialects.get(dialect);
    if (!list) dialects.set(dialect, [data]);
    else if (list.length < mostOfTopic) list.push(data);
  }

  function drop(key: string): void {
    const stored = bySource.get(key);
    if (!stored) return;
    bySource.delete(key);
    for (const { topics, data } of stored.list) for (const topic of topics) removeFrom(topic, stored.dialect, data);
  }

  function removeFrom(topic: string, dialect: string, data: DefinitionData): void {
    const dialects = byTopic.get(topic);
    const rest = dialects?.get(dialect)?.filter((one) => one !== data);
    if (!dialects || !rest) return;
    if (rest.length > 0) dialects.set(dialect, rest);
    else dialects.delete(dialect);
    if (dialects.size === 0) byTopic.delete(topic);
  }

  /**
   * Remembers what a message defined. Returns the topics whose meaning has changed (what was decided about their messages
   * before, such as by which driver they are decoded, is to be decided anew), or why it was refused.
   */
  function learn(dialect: string, { source, list }: Definitions): readonly string[] | Refusal {
    const known = bySource.get(nameKey(dialect, source));
    if (JSON.stringify(known?.list ?? []) === JSON.stringify(list)) return [];
    const fault = faultOf(source, list);
    if (fault) return { refused: fault };
    if (!known && bySource.size >= mostSources) return { refused: `the hub keeps ${mostSources} descriptions at most` };
    const stored = { dialect, source, list };
    store.save(stored);
    put(stored);
    return [...new Set([...(known?.list ?? []), ...list].flatMap(({ topics }) => topics))];
  }

  return {
    learn,
    /** What drivers of the dialect defined about a topic: one look-up, whatever is remembered. */
    known(topic: string, dialect: string): readonly DefinitionData[] {
      return byTopic.get(topic)?.get(dialect) ?? nothing;
    },
    /** The number of sources. */
    size: (): number => bySource.size,
  };
}

const nothing: readonly DefinitionData[] = [];
const storeOfNothing: DefinitionStore = { load: () => [], save: () => undefined };

/** Topics hold no control characters, so that the parts cannot run into each other. */
function nameKey(dialect: string, source: string): string {
  return `${dialect}\n${source}`;
}

/** Whether the data of a definition is more than is kept. */
export function isTooLarge(data: DefinitionData): boolean {
  return Buffer.byteLength(JSON.stringify(data)) > mostDataBytes;
}

/** Why definitions are not kept; undefined when they are sound. */
function faultOf(source: string, list: readonly Definition[]): string | undefined {
  if (source.length > longestText) return `the name of its source is longer than ${longestText} characters`;
  if (list.length > mostOfSource) return `it describes more than ${mostOfSource} things`;
  for (const { topics, data } of list) {
    if (topics.length > mostTopics) return `it is about more than ${mostTopics} topics`;
    if (topics.some((topic) => topic.length > longestText))
      return `a topic in it is longer than ${longestText} characters`;
    if (isTooLarge(data)) return `a description in it is larger than ${mostDataBytes} bytes`;
  }
  return undefined;
}
