import { closeSync, openSync, writeSync } from "node:fs";
import path from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { Health, History } from "../../src/api/contract.ts";
import { HubError } from "../../src/errors.ts";
import { openHub, type TestHub } from "../harness.ts";
import { copyOf, endMs, fillHome, newHome, rawOf, readings, startMs } from "./damaged-home.ts";

const home = newHome();
beforeAll(async () => fillHome(home.folder));
afterAll(home.remove);

/** A copy of the home in which the first page of a table or index has lost its header, as after a bad sector. */
function homeWithBadPage(name: string): string {
  const copy = copyOf(home.folder);
  onTestFinished(copy.remove);
  const file = path.join(copy.folder, "faiban.db");
  const db = new Database(file, { readonly: true });
  const page = db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = ?").pluck().get(name) as number;
  const pageBytes = db.pragma("page_size", { simple: true }) as number;
  db.close();
  const opened = openSync(file, "r+");
  writeSync(opened, Buffer.alloc(200, 0x5a), 0, 200, (page - 1) * pageBytes);
  closeSync(opened);
  return copy.folder;
}

async function answer(hub: TestHub, address: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(hub.url + address);
  return { status: response.status, body: await response.json() };
}

/** A reading of the next day, acknowledged or refused. */
async function sendNext(hub: TestHub): Promise<boolean> {
  const client = await hub.client();
  const message = JSON.stringify({ w: 5, v: 230, ts: startMs / 1_000 + 86_400 });
  const sending = client.publishAsync("home/home/device/plug/telemetry", message, { qos: 1 });
  const closed = new Promise<false>((resolve) => client.once("close", () => resolve(false)));
  return Promise.race([sending.then(() => true), closed]).catch(() => false);
}

test.each(["setting", "meter", "channel", "series", "journal", "chunk", "pack", "held"])(
  "with a bad page of %s the hub refuses to start, and says what to do",
  async (table) => {
    const starting = openHub(homeWithBadPage(table));
    await expect(starting).rejects.toMatchObject({
      ...{ name: "HubError", code: "DATABASE_DAMAGED" },
      hint: expect.stringMatching(/^Restore a backup/),
    } satisfies Partial<HubError>);
  },
);

test.each([
  ["rollup_day", "day"],
  ["rollup_quarter", "quarter_hour"],
  ["rollup_minute", "minute"],
])(
  "with a bad page of %s the hub answers what it can, and says of the rest that it is damaged",
  async (table, step) => {
    const hub = await openHub(homeWithBadPage(table));
    const range = `channel=customer-plug&from=${startMs}&to=${startMs + 4 * 3_600_000}`;
    expect(await rawOf(hub)).toEqual(readings);
    expect(await answer(hub, `/api/history?${range}&step=${step}`)).toMatchObject({
      status: 500,
      body: { code: "DATABASE_DAMAGED", hint: expect.stringMatching(/backup/) },
    });
    for (const other of ["day", "quarter_hour", "minute"].filter((one) => one !== step)) {
      const history = await hub.get<History>(`/api/history?${range}&step=${other}`);
      expect(history.count?.reduce((sum, count) => sum + count, 0)).toBe(readings.length);
    }
    expect((await hub.get<Health>("/api/health")).status).toBe("ok");
    const isAcknowledged = await sendNext(hub);
    const stored = await rawOf(hub);
    expect(stored).toHaveLength(readings.length + Number(isAcknowledged));
    expect(stored.at(-1)!.timeMs).toBeLessThan(endMs);
    await hub.close().catch((error: unknown) => expect(error).toBeInstanceOf(HubError));
  },
);
