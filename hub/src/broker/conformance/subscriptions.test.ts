/** MQTT 3.1.1, sections 3.8 to 3.11 and 4.7: subscriptions. */
import { conforms, type Row } from "./script.ts";

conforms("SUBSCRIBE", [
  [
    "is answered with SUBACK of its id [MQTT-3.8.4-1, MQTT-3.8.4-2]",
    "connect",
    '> 82: #4660 "a" 00',
    "< 90: #4660 00",
    "open",
  ],
  ["gets a code for each filter [MQTT-3.8.4-5]", "connect", '> 82: #1 "a" 00 "b" 01 "c" 02', "< 90: #1 000102", "open"],
  [
    "gets a code for each, also of the same filter",
    "connect",
    '> 82: #1 "a" 00 "a" 01 "a" 02',
    "< 90: #1 000102",
    "open",
  ],
  ["that is refused gets the code 80", "connect", '> 82: #1 "test/nosubscribe" 02', "< 90: #1 80", "open"],
  [
    "gets what is allowed beside what is refused",
    "connect",
    '> 82: #1 "a" 01 "test/nosubscribe" 01 "b" 00',
    "< 90: #1 018000",
    '> 30: "b"',
    '< 30: "b"',
    "open",
  ],
  ["of a shared subscription gets the code 80", "connect", '> 82: #1 "$share/group/a" 01', "< 90: #1 80", "open"],
  ["of more than 100 levels gets the code 80", "connect", `> 82: #1 "${"a/".repeat(100)}" 01`, "< 90: #1 80", "open"],
  ["without filter ends the connection [MQTT-3.8.3-3]", "connect", "> 82: #1", "closed"],
  ["with the id 0 ends the connection [MQTT-2.3.1-1]", "connect", '> 82: #0 "a" 00', "closed"],
  ["without id ends the connection", "connect", "> 82:", "closed"],
  ["without QoS ends the connection", "connect", '> 82: #1 "a"', "closed"],
  ["with QoS 3 ends the connection [MQTT-3-8.3-4]", "connect", '> 82: #1 "a" 03', "closed"],
  ["with reserved bits in its QoS ends the connection [MQTT-3-8.3-4]", "connect", '> 82: #1 "a" 04', "closed"],
  ["with the highest reserved bit ends the connection [MQTT-3-8.3-4]", "connect", '> 82: #1 "a" 80', "closed"],
  ["with an empty filter ends the connection [MQTT-4.7.3-1]", "connect", '> 82: #1 "" 00', "closed"],
  ["with a filter that is cut off ends the connection", "connect", "> 82: #1 0005 'a'", "closed"],
  ["with bytes behind the last filter ends the connection", "connect", '> 82: #1 "a" 00 00', "closed"],
  ...["a#", "#/a", "a/#/b", "a/b#", "##", "+#"].map(
    (filter): Row => [
      `to ${filter} ends the connection [MQTT-4.7.1-2]`,
      "connect",
      `> 82: #1 "${filter}" 00`,
      "closed",
    ],
  ),
  ...["a+", "+a", "a/+b", "a/b+/c", "++", "a/++"].map(
    (filter): Row => [
      `to ${filter} ends the connection [MQTT-4.7.1-3]`,
      "connect",
      `> 82: #1 "${filter}" 00`,
      "closed",
    ],
  ),
  [
    "to the same filter replaces the older [MQTT-3.8.4-3]",
    ...["connect", '> 82: #1 "a" 01', "< 90: #1 01", '> 82: #2 "a" 00', "< 90: #2 00", "> 32: \"a\" #5 'x'"],
    ...["< 30: \"a\" 'x'", "< 40: #5", "open"],
  ],
  [
    "to the same filter sends retained messages again [MQTT-3.8.4-3]",
    ...[
      "connect",
      "> 31: \"a\" 'x'",
      '> 82: #1 "a" 00',
      "< 90: #1 00",
      "< 31: \"a\" 'x'",
      '> 82: #2 "a" 00',
      "< 90: #2 00",
      "< 31: \"a\" 'x'",
      "open",
    ],
  ],
  ...[
    ["a/b", "a/b", true],
    ["a/+", "a/b", true],
    ["+/b", "a/b", true],
    ["+/+", "a/b", true],
    ["#", "a/b", true],
    ["a/#", "a/b", true],
    ["a/#", "a", true],
    ["+", "/a", false],
    ["/+", "/a", true],
    ["+/+", "/a", true],
    ["a/+", "a", false],
    ["a/+", "a/", true],
    ["a/+", "a/b/c", false],
    ["A", "a", false],
    ["a//b", "a//b", true],
    ["a/+/b", "a//b", true],
    ["#", "$a/b", false],
    ["+/b", "$a/b", false],
    ["$a/#", "$a/b", true],
    ["$a/+", "$a/b", true],
  ].map(([filter, topic, isMatch]): Row => {
    const received = isMatch ? [`< 30: "${topic}" 'x'`] : [];
    const name = `to ${filter} ${isMatch ? "matches" : "does not match"} ${topic} (section 4.7)`;
    return [name, "connect", `> 82: #1 "${filter}" 00`, "< 90: #1 00", `> 30: "${topic}" 'x'`, ...received, "open"];
  }),
  ...[0, 1, 2].flatMap((wish) =>
    [0, 1, 2].map((sent): Row => {
      const lower = Math.min(wish, sent);
      const got = `< 3${2 * lower}: "t/a" ${lower > 0 ? "#1" : ""} 'x'`;
      const answer = [[], ["b < 40: #2"], ["b < 50: #2"]][sent] as string[];
      return [
        `with QoS ${wish} gets a message of QoS ${sent} with QoS ${lower} [MQTT-3.8.4-6]`,
        ...["connect", `> 82: #1 "t/+" 0${wish}`, `< 90: #1 0${wish}`, "b connect"],
        ...[`b > 3${2 * sent}: "t/a" ${sent > 0 ? "#2" : ""} 'x'`, ...answer, got],
      ];
    }),
  ),
]);

conforms("UNSUBSCRIBE", [
  [
    "is answered with UNSUBACK of its id [MQTT-3.10.4-4]",
    "connect",
    '> 82: #1 "a" 00',
    "< 90: #1 00",
    '> a2: #4660 "a"',
    "< b0: #4660",
    "open",
  ],
  [
    "is answered also when there is no such subscription [MQTT-3.10.4-5]",
    "connect",
    '> a2: #1 "a"',
    "< b0: #1",
    "open",
  ],
  [
    "ends delivery [MQTT-3.10.4-1, MQTT-3.10.4-2]",
    "connect",
    '> 82: #1 "a" 00',
    "< 90: #1 00",
    '> a2: #2 "a"',
    '> 30: "a"',
    "< b0: #2",
    "open",
  ],
  [
    "compares filters letter by letter [MQTT-3.10.4-1]",
    "connect",
    '> 82: #1 "a/+" 00',
    "< 90: #1 00",
    '> a2: #2 "a/b" "a/#"',
    "< b0: #2",
    '> 30: "a/b"',
    '< 30: "a/b"',
    "open",
  ],
  [
    "takes several filters [MQTT-3.10.4-6]",
    "connect",
    '> 82: #1 "a" 00 "b" 00',
    "< 90: #1 0000",
    '> a2: #2 "a" "b"',
    "< b0: #2",
    '> 30: "a"',
    '> 30: "b"',
    "open",
  ],
  ["without filter ends the connection [MQTT-3.10.3-2]", "connect", "> a2: #1", "closed"],
  ["with the id 0 ends the connection [MQTT-2.3.1-1]", "connect", '> a2: #0 "a"', "closed"],
  ["with an empty filter ends the connection [MQTT-4.7.3-1]", "connect", '> a2: #1 ""', "closed"],
  ["with a filter that is cut off ends the connection", "connect", "> a2: #1 0005 'a'", "closed"],
  ["with a misplaced wildcard ends the connection", "connect", '> a2: #1 "a#"', "closed"],
]);
