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
const areas = [
  ...["store", "broker", "ingest", "live", "alerts", "control", "sync", "integrations", "api"],
  ...["people", "devices", "audit", "bills", "secrets", "certificates", "announce"],
];
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

  test("energy, billing, insight and access import only each other's kind", () => {
    const pure = /^hub\/src\/(energy|billing|insight|access)\//;
    expect(show(all.filter(({ from, to }) => pure.test(from) && !pure.test(to)))).toEqual([]);
  });

  test("the parts of the hub never import each other, but for what is listed here", () => {
    const allowed = [
      "* -> api (types)", // the contract
      "api -> people", // routes are the face of these three
      "api -> devices",
      "api -> audit (types)", // what an entry is
      "people -> audit (types)",
      "announce -> certificates", // the machine's addresses
    ];
    const crossing = all.filter(({ from, to }) => areaOf(from) && areaOf(to) && areaOf(from) !== areaOf(to));
    const isProgram = ({ from }: Import) => from.endsWith("-cli.ts"); // commands are composition roots of their own
    const isAllowed = ({ from, to, isTypeOnly }: Import) =>
      [areaOf(from), "*"].some((area) => {
        const rule = `${area} -> ${areaOf(to)}`;
        return allowed.includes(rule) || (isTypeOnly && allowed.includes(`${rule} (types)`));
      });
    expect(show(crossing.filter((one) => !isProgram(one) && !isAllowed(one)))).toEqual([]);
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
