import { expect, test } from "vitest";
import { createRandom } from "../../bench/lib/random.ts";
import { createCalendar } from "../../src/energy/calendar.ts";
import { newFolder } from "../harness.ts";
import { isInSeal, killUnderLoad } from "./kills.ts";
import { daysAgo } from "./model.ts";

test("a hub killed under load, in seals too, loses nothing that it acknowledged and counts nothing twice", {
  timeout: 60_000,
}, async () => {
  const { kills, findings } = await killUnderLoad({
    ...{ folder: newFolder(), suffix: "", kills: 5, leastMs: 150, randomMs: 350 },
    ...{ calendar: createCalendar("Asia/Bangkok"), random: createRandom(5), startMs: daysAgo(3) },
  });
  expect(kills.filter(isInSeal).length).toBeGreaterThan(0);
  expect(findings.acknowledged).toBeGreaterThan(1_000);
  expect(findings).toMatchObject({ lost: 0, doubled: 0, invented: 0, wrongRollups: [] });
});
