import { describe, expect, test } from "vitest";
import { createView, type ResolverSources, type TxtView, waitForTxt, zonesOf } from "./propagation.ts";

const name = "_acme-challenge.home.example.com";
const failing = (code: string) => Promise.reject(Object.assign(new Error(code), { code }));

/** The domain example.com with two name servers, which say what they are told to. */
function createSources(txt: Record<string, () => Promise<string[][]>>): ResolverSources {
  const nobody = {
    resolveNs: () => failing("ENODATA"),
    resolve4: () => failing("ENOTFOUND"),
    resolveTxt: () => failing("EREFUSED"),
  };
  const addresses: Record<string, string[]> = { "ns1.example.com": ["192.0.2.1"], "ns2.example.com": ["192.0.2.2"] };
  return {
    system: {
      ...nobody,
      resolveNs: (zone) => (zone === "example.com" ? Promise.resolve(Object.keys(addresses)) : failing("ENODATA")),
      resolve4: (host) => Promise.resolve(addresses[host] ?? []),
    },
    at: (address) => ({ ...nobody, resolveTxt: txt[address] ?? nobody.resolveTxt }),
  };
}

const shows =
  (...values: string[]) =>
  () =>
    Promise.resolve(values.map((value) => [value.slice(0, 2), value.slice(2)]));
const says = (code: string) => () => failing(code);

describe("a TXT value", () => {
  test.each<[TxtView, (() => Promise<string[][]>)[]]>([
    ["shown", [shows("value"), shows("other", "value")]],
    ["missing", [shows("value"), shows("other")]],
    ["missing", [shows("value"), says("ENOTFOUND")]],
    ["missing", [says("ENODATA"), says("ETIMEOUT")]],
    ["shown", [shows("value"), says("ETIMEOUT")]],
    ["unreachable", [says("ETIMEOUT"), says("EREFUSED")]],
  ])("is %s when the domain's two name servers say so: %#", async (expected, [one, other]) => {
    const view = createView(createSources({ "192.0.2.1": one as never, "192.0.2.2": other as never }));
    expect(await view(name, "value")).toBe(expected);
  });

  test("of a domain without name servers cannot be seen", async () => {
    expect(await createView(createSources({}))("_acme-challenge.nowhere.test", "value")).toBe("unreachable");
  });

  test("is waited for, and given up after ten minutes", async () => {
    const slept: number[] = [];
    const sleep = async (durationMs: number) => void slept.push(durationMs);
    const views: TxtView[] = ["missing", "unreachable", "missing", "shown"];
    await waitForTxt(name, "value", { view: async () => views.shift() as TxtView, sleep });
    expect(slept).toHaveLength(3);
    const never = waitForTxt(name, "value", { view: async () => "missing", sleep });
    await expect(never).rejects.toMatchObject({ message: expect.stringContaining(name), hint: expect.any(String) });
    expect(slept.reduce((a, b) => a + b)).toBe(615_000);
  });

  test("that nobody can be asked for is left to the authority after two minutes", async () => {
    let sleptMs = 0;
    const sleep = async (durationMs: number) => {
      sleptMs += durationMs;
    };
    await waitForTxt(name, "value", { view: async () => "unreachable", sleep });
    expect(sleptMs).toBe(115_000);
  });
});

test("a name may be in the zone of any of its parents", () => {
  expect(zonesOf("a.b.example.com")).toEqual(["a.b.example.com", "b.example.com", "example.com"]);
});
