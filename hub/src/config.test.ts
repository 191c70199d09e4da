import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { configHelp, readConfig, unknownVariables } from "./config.ts";

const folder = mkdtempSync(path.join(tmpdir(), "faiban-config-"));
afterAll(() => rmSync(folder, { recursive: true }));

const read = (flags: string[] = [], environment: Record<string, string> = {}) =>
  readConfig({ flags, environment, folder });

function errorOf(run: () => unknown): { code?: string; message?: string; hint?: string } {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  return {};
}

describe("settings", () => {
  test("have defaults that run", () => {
    expect(read()).toMatchObject({ data: path.join(folder, "data"), httpPort: 8080, mqttPort: 1883, currency: "THB" });
  });

  test("come from flags before the environment before the file", () => {
    const file = path.join(folder, "settings.json");
    writeFileSync(file, JSON.stringify({ httpPort: 1, mqttPort: 2, homeName: "บ้านสวน", pricePerKwh: 4.2 }));
    const config = read(["--config", file, "--http-port", "0"], { FAIBAN_HTTP_PORT: "5", FAIBAN_MQTT_PORT: "6" });
    expect(config).toMatchObject({ httpPort: 0, mqttPort: 6, homeName: "บ้านสวน", pricePerKwh: 4.2 });
  });

  test("of the demo keep its data apart, unless a folder is named", () => {
    expect(read(["--demo"]).data).toBe(path.join(folder, "data-demo"));
    expect(read(["--demo", "--data", "x"]).data).toBe(path.join(folder, "x"));
  });

  test.each([
    [[], { FAIBAN_HTTP_PORT: "80a" }, "FAIBAN_HTTP_PORT", "80a", "65535"],
    [[], { FAIBAN_HTTP_PORT: "70000" }, "FAIBAN_HTTP_PORT", "70000", "65535"],
    [["--time-zone", "Bangkok"], {}, "--time-zone", "Bangkok", "Asia/Bangkok"],
    [["--currency", "baht"], {}, "--currency", "baht", "THB"],
    [["--price-per-kwh", "-1"], {}, "--price-per-kwh", "-1", "number"],
    [[], { FAIBAN_LOG_LEVEL: "loud" }, "FAIBAN_LOG_LEVEL", "loud", "debug"],
    [[], { FAIBAN_HOME_ID: "a/b" }, "FAIBAN_HOME_ID", "a/b", "letters"],
  ])("that are wrong name the setting, the value and the fix: %j %j", (flags, environment, name, value, fix) => {
    const error = errorOf(() =>
      read(
        flags.map((flag) => flag.replace(/^-1$/, "=-1")),
        environment,
      ),
    );
    expect(error.code).toBe("CONFIG_INVALID");
    expect(`${error.message}`).toContain(name);
    expect(`${error.message}`).toContain(value);
    expect(error.hint).toContain(fix);
  });

  test("that do not exist are refused, as flag and in the file", () => {
    expect(errorOf(() => read(["--colour", "red"])).message).toContain("--colour");
    const file = path.join(folder, "unknown.json");
    writeFileSync(file, '{"colour": "red"}');
    expect(errorOf(() => read(["--config", file])).message).toContain("colour");
    writeFileSync(file, "{");
    expect(errorOf(() => read(["--config", file])).message).toContain("not JSON");
    expect(errorOf(() => read([], { FAIBAN_CONFIG: "gone.json" })).message).toContain("gone.json");
  });

  test("may be empty, and a file may come from a Windows editor", () => {
    const file = path.join(folder, "bom.json");
    writeFileSync(file, '\uFEFF{"httpPort": 81}');
    expect(read([], { FAIBAN_CONFIG: file }).httpPort).toBe(81);
    expect(read(["--demo=false"], { FAIBAN_CONFIG: "", FAIBAN_HTTP_PORT: "" })).toMatchObject({
      httpPort: 8080,
      demo: false,
    });
    expect(read(["--demo=false"], { FAIBAN_DEMO: "true" }).demo).toBe(false);
    expect(errorOf(() => read(["--config", folder])).message).toContain(folder);
    expect(errorOf(() => read(["--time-zone", "2020-01-01T00:00[Asia/Bangkok]"])).code).toBe("CONFIG_INVALID");
  });

  test("that are mistyped in the environment are found", () => {
    expect(unknownVariables({ FAIBAN_HTPP_PORT: "1", FAIBAN_DATA: "x", PATH: "" })).toEqual([
      { name: "FAIBAN_HTPP_PORT", near: expect.arrayContaining(["FAIBAN_HTTP_PORT"]) },
    ]);
  });

  test("are all in the help", () => {
    expect(configHelp()).toContain("FAIBAN_COMMIT_INTERVAL_MS");
    expect(configHelp().split("\n")).toHaveLength(32);
  });
});
