import { spawnSync } from "node:child_process";
import path from "node:path";
import { describe, expect, test } from "vitest";

const cli = path.join(import.meta.dirname, "billing-cli.ts");
const fixture = path.join(import.meta.dirname, "billing/fixtures/thai-bills.json");

function run(args: string[], input = "") {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], { input, encoding: "utf8" });
  return { status, stdout, stderr };
}

const one = (fields: object) => run(["-"], JSON.stringify(fields));
const home = { plan: "TH-1.2", billing_month: "2025-02" };

describe("the bill command", () => {
  test("answers a file of cases in its own form and names", () => {
    const { status, stdout } = run([fixture]);
    const { cases } = JSON.parse(stdout);
    expect(status).toBe(0);
    expect(cases).toHaveLength(40);
    expect(cases[2]).toMatchObject({
      id: "1-2",
      units_kwh: 151,
      energy_thb: "523.14",
      vat_thb: "41.07",
      total_thb: "627.85",
    });
  });

  test("answers one case from standard input with its lines in both languages", () => {
    const { status, stdout } = one({ ...home, units_kwh: "151", ft_satang_per_kwh: 10 });
    const answer = JSON.parse(stdout);
    expect(status).toBe(0);
    expect(answer).toMatchObject({ service_thb: "24.62", ft_satang_per_kwh: "10.00", ft_thb: "15.10" });
    expect(answer.items[1]).toMatchObject({
      label_en: "Energy, units 151-400",
      quantity: "1",
      rate: "4.2218",
      amount_satang: 422,
    });
    expect(answer.items[1].label_th).toContain("หน่วยที่ 151-400");
  });

  test("bills quarter hours of a cycle, with export and what was carried", () => {
    const startMs = Date.UTC(2025, 1, 14, 17);
    const quarters = Array.from({ length: 28 * 96 }, (_, index) => [startMs + index * 900_000, 100, 50]);
    const { stdout } = one({ plan: "TH-1.3-LV", date: "2025-02-20", start_day: 15, quarters });
    const answer = JSON.parse(stdout);
    expect(answer.cycle).toEqual({ start: "2025-02-15", end: "2025-03-15" });
    expect(answer.periods.map(({ import_kwh }: { import_kwh: string }) => import_kwh)).toEqual(["164.8", "104"]);
    expect(answer).toMatchObject({ billed_kwh: "269", ft_satang_per_kwh: "36.72", separate_export_thb: "-294.80" });
  });

  test("answers the good cases beside a bad one, and says which it is", () => {
    const { status, stdout, stderr } = run(
      ["-"],
      JSON.stringify([
        { ...home, units_kwh: 1 },
        { ...home, id: "b" },
      ]),
    );
    expect(status).toBe(1);
    expect(stderr).toBe(
      "Case b: The case has no energy that TH-1.2 can price. Give units_kwh, or quarters as rows of [epoch ms, import Wh, export Wh].\n",
    );
    expect(JSON.parse(stdout)).toMatchObject([{ energy_thb: "3.25" }, { id: "b", error: expect.any(String) }]);
  });

  test("says what is wrong with its arguments, and lists the plans", () => {
    expect(run([])).toMatchObject({ status: 1, stderr: expect.stringContaining("no file to read") });
    expect(run(["/no/such.json"])).toMatchObject({ status: 1, stderr: expect.stringContaining("cannot be read") });
    expect(run(["-"], "{")).toMatchObject({ status: 1, stderr: expect.stringContaining("cannot be read") });
    expect(run(["--fast"])).toMatchObject({ status: 1, stderr: expect.stringContaining("--fast") });
    expect(run(["--plans"])).toMatchObject({ status: 0, stdout: expect.stringContaining("TH-1.3-MV") });
  });
});
