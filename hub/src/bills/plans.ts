/** The plans that the home can choose: the book of tariffs, the household's own ones, and its flat price. */
import { type BookTariff, findTariff, readBook, type TariffBook } from "../billing/book.ts";
import { BillingError } from "../billing/errors.ts";
import type { Tariff } from "../billing/tariff.ts";

export interface TariffSource {
  name: string;
  content: unknown;
}

/** The plan of one price for every unit, as the settings say it. */
export const flatPlanId = "home-price";

export interface PlanBook extends TariffBook {
  ownIds: ReadonlySet<string>;
}

interface PlanQuestion {
  /** A file of the household's own tariffs, null without any. */
  own: unknown;
  flatPrice: string;
  currency: string;
  timeZone: string;
}

/** Makes the book anew only when something in it has changed; the files are read when it is first asked for. */
export function createPlanBook(files: () => readonly TariffSource[]) {
  let read: readonly TariffSource[] | null = null;
  let last = { key: "", book: null as PlanBook | null };
  /** Throws a BillingError for own tariffs with a mistake. */
  return (question: PlanQuestion): PlanBook => {
    const key = JSON.stringify(question);
    if (last.book && last.key === key) return last.book;
    read ??= files();
    const book = makeBook(read, question);
    last = { key, book };
    return book;
  };
}

function makeBook(files: readonly TariffSource[], { own, ...flat }: PlanQuestion): PlanBook {
  const home = { name: "the flat price", content: { tariffs: [flatTariff(flat)] } };
  const ownFiles = own === null ? [] : [{ name: "The own tariff", content: own }];
  const ids = new Set(((own as { tariffs?: { id: string }[] } | null)?.tariffs ?? []).map(({ id }) => id));
  return { ...readBook([...files, home, ...ownFiles]), ownIds: ids };
}

function flatTariff({ flatPrice, currency, timeZone }: Omit<PlanQuestion, "own">): Tariff {
  return {
    ...{ id: flatPlanId, currency, timeZone, customer: "home", changes: "day" },
    name: { en: "One price for every unit", th: "ราคาเดียวทุกหน่วย" },
    about: { en: "The price that you set yourself", th: "ราคาต่อหน่วยที่คุณตั้งเอง" },
    rounding: { mode: "half-up", lines: "each" },
    versions: [{ from: "1970-01-01", energy: { all: flatPrice } }],
    sources: ["The home's settings."],
  };
}

/** The plan with the id; throws a BillingError with the ids there are. */
export function planOf(book: PlanBook, id: string): BookTariff {
  return findTariff(book, id);
}

/** Whether its prices change by the hour: then it cannot be billed from the tariff alone. */
export function needsPrices({ versions }: Tariff): boolean {
  return versions.some(({ energy }) => Object.values(energy).some((price) => isDynamic(price)));
}

function isDynamic(price: unknown): boolean {
  return typeof price === "object" && price !== null && "prices" in price;
}

export function needsContractedKw({ versions }: Tariff): boolean {
  return versions.some(({ fixed }) => fixed?.some(({ per }) => per === "contracted_kw"));
}

/** The keys of what some households have a right to. */
export function entitlementsOf({ versions }: Tariff): string[] {
  const keys = versions.flatMap(({ steps }) => (steps ?? []).flatMap(({ when }) => when?.entitlement ?? []));
  return [...new Set(keys)];
}

/** Plans that a household on this one may compare: those for the same customers, of the same country, and its own. */
export function likePlans(book: PlanBook, current: BookTariff): BookTariff[] {
  const isLike = ({ id, country, customer }: BookTariff) =>
    (current.country === undefined || country === current.country) &&
    customer === (current.customer ?? "home") &&
    id !== flatPlanId;
  return [...book.tariffs.values()].filter(
    (tariff) =>
      tariff.currency === current.currency &&
      !needsPrices(tariff) &&
      (tariff === current || book.ownIds.has(tariff.id) || isLike(tariff)),
  );
}

/** Throws a BillingError for a plan that the hub cannot bill in a home of this currency. */
export function checkBillable(tariff: BookTariff, currency: string): void {
  if (needsPrices(tariff)) {
    throw new BillingError(
      `${tariff.id} has other prices each hour, which the hub does not know`,
      "Choose a plan whose prices are fixed",
    );
  }
  if (tariff.currency === currency) return;
  throw new BillingError(
    `${tariff.id} is in ${tariff.currency}, and the home pays in ${currency}`,
    "Choose another plan, or change the home's currency",
  );
}
