import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";

const root = path.join(import.meta.dirname, "../..");

interface Import {
  from: string;
  to: string;
  isTypeOnly: boolean;
}

/** Every relative import of the product's own code, as paths from the root. */
function imports(): Import[] {
  const files = globSync("{hub,pwa,device-drivers}/**/*.{ts,tsx}", {
    cwd: root,
    exclude: ["**/node_modules", "**/dist"],
  });
  return files.filter((file) => !/\.test\.tsx?$/.test(file) && !file.startsWith("hub/test")).flatMap(importsOf);
}

function importsOf(file: string): Import[] {
  const source = readFileSync(path.join(root, file), "utf8");
  const pattern = /(?:^|\n)(import|export)( type)? [^;]*?from "(\.[^"]+|@faiban\/[^"]+)"|import\("(\.[^"]+)"\)/g;
  return [...source.matchAll(pattern)].map(([, , type, target, dynamic]) => {
    const to = target ?? dynamic ?? "";
    return {
      from: file,
      to: to.startsWith(".") ? path.normalize(path.join(path.dirname(file), to)) : to,
      isTypeOnly: type !== undefined,
    };
  });
}

const all = imports();
const show = (list: Import[]) => list.map(({ from, to }) => `${from} -> ${to}`);
const areas = ["store", "broker", "ingest", "live", "alerts", "control", "sync", "integrations", "api"];
const areaOf = (file: string) => areas.find((area) => file.startsWith(`hub/src/${area}/`));

describe("imports point inward", () => {
  test("there are imports to look at", () => {
    expect(all.length).toBeGreaterThan(100);
  });

  test("device-drivers imports nothing of ours", () => {
    expect(
      show(all.filter(({ from, to }) => from.startsWith("device-drivers/") && !to.startsWith("device-drivers/"))),
    ).toEqual([]);
  });

  test("energy, billing and insight import only each other's kind", () => {
    const pure = /^hub\/src\/(energy|billing|insight)\//;
    expect(show(all.filter(({ from, to }) => pure.test(from) && !pure.test(to)))).toEqual([]);
  });

  test("store, broker, ingest, live and api never import each other, but for the API's types", () => {
    const crossing = all.filter(({ from, to }) => areaOf(from) && areaOf(to) && areaOf(from) !== areaOf(to));
    const isContract = ({ to, isTypeOnly }: Import) => to === "hub/src/api/contract.ts" && isTypeOnly;
    expect(show(crossing.filter((one) => !isContract(one)))).toEqual([]);
  });

  test("only main.ts imports hub.ts", () => {
    expect(show(all.filter(({ from, to }) => to === "hub/src/hub.ts" && from !== "hub/src/main.ts"))).toEqual([]);
  });

  test("the app imports only types of the hub, and only the contract", () => {
    const outward = all.filter(({ from, to }) => from.startsWith("pwa/") && !to.startsWith("pwa/"));
    const isContract = ({ to, isTypeOnly }: Import) => to === "hub/src/api/contract.ts" && isTypeOnly;
    expect(show(outward.filter((one) => !isContract(one)))).toEqual([]);
  });

  test("only charts know uPlot", () => {
    const files = globSync("pwa/src/**/*.{ts,tsx}", { cwd: root }).filter(
      (file) => !file.startsWith("pwa/src/charts/"),
    );
    const knowing = files.filter((file) => /["']uplot/.test(readFileSync(path.join(root, file), "utf8")));
    expect(knowing).toEqual([]);
  });
});
