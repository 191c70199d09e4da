/** MQTT 3.1.1, sections 1.5 and 2.2: strings, and the first bytes of packets. */
import { conforms, type Row } from "./script.ts";

/** Strings that must or should not be accepted, as the bytes of a text of five [section 1.5.3]. */
const badStrings: Record<string, string> = {
  "NUL [MQTT-1.5.3-2]": "746f700070",
  "U+0001": "746f700170",
  "U+001F": "746f701f70",
  "U+007F": "746f707f70",
  "U+0080": "746fc28070",
  "U+009F": "746fc29f70",
  "a high surrogate [MQTT-1.5.3-1]": "746feda080",
  "a low surrogate [MQTT-1.5.3-1]": "746fedbfbf",
  "U+FFFE": "746fefbfbe",
  "U+FFFF": "746fefbfbf",
  "U+FDD0": "746fefb790",
  "an overlong slash": "746fc0af70",
  "a byte that begins nothing": "746f80ff70",
  "a character that is cut off": "746f70f09f",
};
const atEach = (where: string, script: (bytes: string) => string[]): Row[] =>
  Object.entries(badStrings).map(([what, hex]) => [
    `${where} with ${what} ends the connection`,
    ...script(hex),
    "closed",
  ]);

conforms("strings", [
  ...atEach("a client id", (hex) => [`> 10: "MQTT" 04 02 #60 0005 ${hex}`]),
  ...atEach("a user name", (hex) => [`> 10: "MQTT" 04 82 #60 "id" 0005 ${hex}`]),
  ...atEach("a will topic", (hex) => [`> 10: "MQTT" 04 06 #60 "id" 0005 ${hex} "x"`]),
  ...atEach("a topic", (hex) => ["connect", `> 30: 0005 ${hex} 'x'`]),
  ...atEach("a topic filter", (hex) => ["connect", `> 82: #1 0005 ${hex} 00`]),
  ...atEach("a filter of UNSUBSCRIBE", (hex) => ["connect", `> a2: #1 0005 ${hex}`]),
  ["U+2A6D4 is a character as any other (section 1.5.3.1)", "connect", "> 32: 0005 41f0aa9b94 #1", "< 40: #1", "open"],
  [
    "U+FEFF is not taken away [MQTT-1.5.3-3]",
    ...["connect", "> 82: #1 0004 efbbbf61 00", "< 90: #1 00", "> 30: 0001 61 'x'"],
    ...["> 30: 0004 efbbbf61 'y'", "< 30: 0004 efbbbf61 'y'", "open"],
  ],
  ["a password may be any bytes", '> 10: "MQTT" 04 c2 #60 "id" "user" 0003 00ff80', "< 20: 0000", "open"],
]);

conforms("fixed header", [
  ["a length of five bytes ends the connection (section 2.2.3)", "connect", "~ 30 ffffffff 01", "closed"],
  ["a length may be written longer than it needs to be", "connect", "~ c0 8000", "< d0:", "open"],
  ...["00", "f0", "20", "90", "b0", "d0"].map(
    (first): Row => [
      `a packet that begins with ${first} does not come from a client`,
      "connect",
      `> ${first}: #1`,
      "closed",
    ],
  ),
  ...["41", "48", "51", "54", "58", "60", "61", "63", "66", "6a", "71", "72", "78"].map(
    (first): Row => [
      `reserved flags: ${first} ends the connection [MQTT-2.2.2-2]`,
      "connect",
      `> ${first}: #1`,
      "closed",
    ],
  ),
  ...["80", "81", "83", "86", "8a"].map(
    (first): Row => [
      `reserved flags: ${first} is no SUBSCRIBE [MQTT-3.8.1-1]`,
      "connect",
      `> ${first}: #1 "a" 00`,
      "closed",
    ],
  ),
  ...["a0", "a1", "a3", "a6", "aa"].map(
    (first): Row => [
      `reserved flags: ${first} is no UNSUBSCRIBE [MQTT-3.10.1-1]`,
      "connect",
      `> ${first}: #1 "a"`,
      "closed",
    ],
  ),
  ...["c1", "c2", "c8", "e1", "e2", "e8"].map(
    (first): Row => [`reserved flags: ${first} ends the connection [MQTT-2.2.2-2]`, "connect", `> ${first}:`, "closed"],
  ),
  ...["11", "12", "14", "18"].map(
    (first): Row => [
      `reserved flags: ${first} is no CONNECT [MQTT-2.2.2-2]`,
      `> ${first}: "MQTT" 04 02 #60 "id"`,
      "closed",
    ],
  ),
]);
