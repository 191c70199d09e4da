/** A tree of topic filters, level by level: finds what subscribes to a topic without trying each filter. */

interface Node<T> {
  readonly children: Map<string, Node<T>>;
  readonly values: Set<T>;
}

export type TopicTree<T> = ReturnType<typeof createTopicTree<T>>;

/** Makes an empty tree; wildcards are those of MQTT 3.1.1, section 4.7. */
export function createTopicTree<T>() {
  const root = createNode<T>();

  function add(filter: string, value: T): void {
    let node = root;
    for (const level of filter.split("/")) {
      const child = node.children.get(level) ?? createNode<T>();
      node.children.set(level, child);
      node = child;
    }
    node.values.add(value);
  }

  function remove(filter: string, value: T): void {
    removeBelow(root, filter.split("/"), value);
  }

  /** All values whose filter matches; one that is there under several filters comes several times. */
  function match(topic: string): T[] {
    const found: T[] = [];
    collect(root, topic.split("/"), 0, found);
    return found;
  }

  return { add, remove, match };
}

function createNode<T>(): Node<T> {
  return { children: new Map(), values: new Set() };
}

/** Takes a value out, and the branches that are empty then. */
function removeBelow<T>(node: Node<T>, levels: readonly string[], value: T): void {
  const [level, ...below] = levels;
  if (level === undefined) {
    node.values.delete(value);
    return;
  }
  const child = node.children.get(level);
  if (!child) return;
  removeBelow(child, below, value);
  if (child.values.size === 0 && child.children.size === 0) node.children.delete(level);
}

function collect<T>(node: Node<T>, levels: readonly string[], depth: number, found: T[]): void {
  const level = levels[depth];
  // A first wildcard does not match the topics of the broker itself [MQTT-4.7.2-1].
  const takesWildcards = depth > 0 || !levels[0]?.startsWith("$");
  // "sport/#" also matches "sport" (section 4.7.1.2), so this comes before the end of the topic.
  if (takesWildcards) found.push(...(node.children.get("#")?.values ?? []));
  if (level === undefined) {
    found.push(...node.values);
    return;
  }
  const exact = node.children.get(level);
  if (exact) collect(exact, levels, depth + 1, found);
  const any = takesWildcards ? node.children.get("+") : undefined;
  if (any) collect(any, levels, depth + 1, found);
}
