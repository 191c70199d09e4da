import { expect, test } from "vitest";
import { leastUsedW } from "../../state/devices.ts";
import { describeFlow } from "./flow.ts";

const now = (gridW: number | null, solarW: number | null) => ({
  timeMs: 1,
  gridW,
  solarW,
  usedW: gridW === null ? null : gridW + (solarW ?? 0),
  restW: null,
});

test.each([
  [now(800, null), "now.fromGrid", 0],
  [now(800, 3), "now.fromGrid", 0],
  [now(600, 200), "now.mixed", 0.25],
  [now(4, 900), "now.fromSun", 1],
  [now(-700, 1500), "now.selling", 1],
  [now(-700, null), "now.sellingOnly", 0],
  [now(0, null), "now.quiet", 0],
])("%o is told as %s", (home, key, solarShare) => {
  expect(describeFlow(home, null)).toMatchObject({ key, solarShare });
});

test("without a meter for the whole home, the plugs tell the least", () => {
  expect(describeFlow(now(null, null), 120).key).toBe("now.atLeast");
  expect(describeFlow(now(null, null), null).key).toBe("now.noPower");
});

test("appliances on metered circuits are not counted twice", () => {
  expect(leastUsedW([])).toBeNull();
  expect(
    leastUsedW([
      { role: "circuit", powerW: 500 },
      { role: "appliance", powerW: 300 },
      { role: "ev", powerW: 50 },
      { role: "appliance", powerW: null },
    ]),
  ).toBe(500);
});
