import type { Direction, Period } from "../driver.ts";
import type { Field } from "../readings.ts";
import { kilowattHours } from "../readings.ts";

/** The words by which makers name the span of a register. */
export const periodNames: ReadonlyMap<string, Period> = new Map([
  ["total", "total"],
  ["lifetime", "total"],
  ["hour", "hour"],
  ["hourly", "hour"],
  ["today", "today"],
  ["day", "today"],
  ["daily", "today"],
  ["yesterday", "yesterday"],
  ["week", "week"],
  ["weekly", "week"],
  ["month", "month"],
  ["monthly", "month"],
  ["year", "year"],
  ["yearly", "year"],
]);

const directionNames: readonly Direction[] = ["import", "export", "net", "produced"];

/** Which register a number is. */
export interface Register {
  direction: Direction;
  period: Period;
}

/** Every key that the full form's `energy` may have: `total_kwh`, `this_month_kwh`, `export_total_kwh`, `today_wh`. */
export const energyFields: ReadonlyMap<string, { field: Field; register: Register }> = new Map([...spellings()]);

type Spelling = [key: string, { field: Field; register: Register }];

function* spellings(): Generator<Spelling> {
  for (const [word, period] of periodNames) {
    for (const span of [word, `this_${word}`]) {
      yield* spellingsWithUnit(span, { direction: "import", period });
      for (const direction of directionNames) {
        yield* spellingsWithUnit(`${direction}_${span}`, { direction, period });
        yield* spellingsWithUnit(`${span}_${direction}`, { direction, period });
      }
    }
  }
}

function* spellingsWithUnit(span: string, register: Register): Generator<Spelling> {
  const quantity = "energy_active";
  yield [`${span}_wh`, { field: { name: `energy.${span}_wh`, quantity }, register }];
  yield [`${span}_kwh`, { field: { name: `energy.${span}_kwh`, quantity, meaning: kilowattHours }, register }];
}
