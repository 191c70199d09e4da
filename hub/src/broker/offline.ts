/** Knows at once whether a persistent session subscribes to a topic, so that its queue is looked after only then. */
import type { SubscriptionStore } from "aedes-persistence-level";
import type { Level } from "level";
import { createTopicTree } from "./topic-tree.ts";

/** Topics for which the answer is remembered; more than any home has. */
const mostTopics = 10_000;
/** The keys of aedes-persistence-level 9: `subscriptions:<client id, URI-encoded>:<topic filter>`. */
const keys = { gte: "subscriptions:", lt: "subscriptions;" };

export type Offline = Awaited<ReturnType<typeof watchOffline>>;

/** Reads the subscriptions that are stored, and watches the store for changes from then on. */
export async function watchOffline(level: Level, store: SubscriptionStore) {
  const { addSubscriptions, removeSubscriptions } = store;
  const clients = createTopicTree<string>();
  const known = new Map<string, boolean>();

  for await (const key of level.keys(keys)) {
    const [, id = "", ...filter] = key.split(":");
    clients.add(filter.join(":"), decodeURIComponent(id));
  }

  store.addSubscriptions = (client, subscriptions) => {
    for (const { topic } of subscriptions) clients.add(topic, client.id);
    known.clear();
    return addSubscriptions.call(store, client, subscriptions);
  };
  store.removeSubscriptions = (client, filters) => {
    for (const filter of filters) clients.remove(filter, client.id);
    known.clear();
    return removeSubscriptions.call(store, client, filters);
  };

  /** True when a persistent session, connected or not, subscribes to the topic. */
  function hasSubscriber(topic: string): boolean {
    const remembered = known.get(topic);
    if (remembered !== undefined) return remembered;
    if (known.size >= mostTopics) known.clear();
    const answer = clients.match(topic).length > 0;
    known.set(topic, answer);
    return answer;
  }

  return { hasSubscriber };
}
