/** The command `npm run bill`: bills the cases of a file, and prints what the utility would print as JSON. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { loadTariffs } from "../tariffs/load.ts";
import type { TariffBook } from "./billing/book.ts";
import { answerCase } from "./billing/case.ts";
import { BillingError } from "./billing/errors.ts";

const usage = `Computes electricity bills to the satang.

  npm run bill -- FILE.json      a case, or {"cases": [ … ]}; - reads standard input
  npm run bill -- --plans        the plans there are

A case: {"plan": "TH-1.2", "billing_month": "2025-02", "units_kwh": 399}
  plan             see --plans
  billing_month    or cycle {"start": "2025-01-15", "end": "2025-02-15"}, or date with start_day
  units_kwh        or peak_kwh and off_peak_kwh, or quarters: [[epoch ms, import Wh, export Wh], …]
  ft_satang_per_kwh, export_kwh, peak_demand_kw, contracted_kw, entitlements, prices, carry, time_zone, exact_units
                   as far as needed; hub/tariffs/README.md explains them

Exits with 1 when a case cannot be billed, and says why.`;

/** 100,000 cases take about a minute. */
const mostCases = 100_000;

function main(): void {
  const options = { help: { type: "boolean" }, plans: { type: "boolean" } } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  console.log(values.help ? usage : values.plans ? planList(loadTariffs()) : answerFile(positionals[0]));
}

function answerFile(file: string | undefined): string {
  if (file === undefined) throw new BillingError("There is no file to read", "Name one, or - for standard input");
  return JSON.stringify(answer(readInput(file), loadTariffs()), null, 2);
}

/** The answers in the form of the question: one case, a list of cases, or an object that has one. */
function answer(input: unknown, book: TariffBook): unknown {
  if (Array.isArray(input)) return answerAll(input, book);
  const cases = (input as { cases?: unknown } | null)?.cases;
  if (Array.isArray(cases)) return { cases: answerAll(cases, book) };
  return answerAll([input], book)[0];
}

function answerAll(cases: readonly unknown[], book: TariffBook): unknown[] {
  if (cases.length > mostCases) {
    throw new BillingError(`There are ${cases.length} cases`, `Give at most ${mostCases} at once`);
  }
  return cases.map((one, index) => {
    try {
      return answerCase(one, book);
    } catch (error) {
      const id = (one as { id?: unknown } | null)?.id;
      const where = id === undefined ? (cases.length > 1 ? `Case ${index + 1}: ` : "") : `Case ${id}: `;
      const { message, hint } = tell(error, where);
      return { ...(id === undefined ? {} : { id }), error: message, hint };
    }
  });
}

/** Says on standard error what cannot be billed and what to do about it; our own mistakes are thrown on. */
function tell(error: unknown, where = ""): BillingError {
  if (!(error instanceof BillingError)) throw error;
  console.error(`${where}${error.message}. ${error.hint}.`);
  process.exitCode = 1;
  return error;
}

function readInput(file: string): unknown {
  const name = file === "-" ? "Standard input" : file;
  try {
    // npm runs scripts in the project's folder, and tells where it was called.
    return JSON.parse(readFileSync(file === "-" ? 0 : path.resolve(process.env.INIT_CWD ?? "", file), "utf8"));
  } catch (error) {
    throw new BillingError(`${name} cannot be read: ${(error as Error).message}`, "Give a file of JSON, see --help");
  }
}

function planList({ tariffs }: TariffBook): string {
  return [...tariffs.values()].map(({ id, name }) => `${id.padEnd(18)}${name.en} · ${name.th}`).join("\n");
}

try {
  main();
} catch (error) {
  if ((error as { code?: string }).code?.startsWith("ERR_PARSE_ARGS")) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    process.exitCode = 1;
  } else tell(error);
}
