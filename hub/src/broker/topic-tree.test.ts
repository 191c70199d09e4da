import fc from "fast-check";
import { expect, test } from "vitest";
import { createTopicTree } from "./topic-tree.ts";

// The examples of MQTT 3.1.1, section 4.7, and the corners around them.
test.each([
  ["sport/tennis/player1/#", "sport/tennis/player1", true],
  ["sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true],
  ["sport/#", "sport", true],
  ["#", "any/thing", true],
  ["sport/tennis/+", "sport/tennis/player1", true],
  ["sport/tennis/+", "sport/tennis/player1/ranking", false],
  ["sport/+", "sport", false],
  ["sport/+", "sport/", true],
  ["+/+", "/finance", true],
  ["/+", "/finance", true],
  ["+", "/finance", false],
  ["+/monitor/Clients", "$SYS/monitor/Clients", false],
  ["#", "$SYS/monitor", false],
  ["$SYS/#", "$SYS/monitor", true],
  ["$SYS/+", "$SYS/monitor", true],
  ["a/+", "a/$b", true],
  ["Sport", "sport", false],
  ["a", "a", true],
  ["a", "a/b", false],
  ["a/b", "a", false],
])("%s and %s: %s", (filter, topic, isMatch) => {
  const tree = createTopicTree<string>();
  tree.add(filter, "value");
  expect(tree.match(topic)).toEqual(isMatch ? ["value"] : []);
});

test("a value under several filters comes once for each that matches", () => {
  const tree = createTopicTree<string>();
  for (const filter of ["a/b", "a/+", "#", "c"]) tree.add(filter, "value");
  expect(tree.match("a/b")).toHaveLength(3);
});

test("what is removed is gone, and what else is there stays", () => {
  const level = fc.constantFrom("a", "b", "+", "");
  const filter = fc.array(level, { minLength: 1, maxLength: 3 }).map((levels) => levels.join("/"));
  const topics = ["a", "b", "a/a", "a/b", "/b", "a//b", "b/a/b"];
  fc.assert(
    fc.property(fc.array(filter, { maxLength: 6 }), fc.array(filter, { maxLength: 6 }), (kept, removed) => {
      const expected = createTopicTree<string>();
      const tree = createTopicTree<string>();
      for (const one of kept) {
        expected.add(one, `kept ${one}`);
        tree.add(one, `kept ${one}`);
      }
      for (const one of removed) tree.add(one, `removed ${one}`);
      for (const one of removed) tree.remove(one, `removed ${one}`);
      for (const topic of topics) expect(tree.match(topic).sort()).toEqual(expected.match(topic).sort());
    }),
  );
});

test("removing what is not there does nothing", () => {
  const tree = createTopicTree<string>();
  tree.add("a", "value");
  tree.remove("a/b/c", "value");
  tree.remove("a", "other");
  expect(tree.match("a")).toEqual(["value"]);
});
