/** How the household is billed: stands in the database, with defaults that follow from where the home is. */
import type { HomeSettings } from "../api/access-contract.ts";
import type { PlanSpan, TariffSettings } from "../api/bill-contract.ts";
import { type BookTariff, periodsOf } from "../billing/book.ts";
import { checkDate } from "../billing/cycle.ts";
import { BillingError } from "../billing/errors.ts";
import type { Version } from "../billing/tariff.ts";
import {
  checkBillable,
  createPlanBook,
  entitlementsOf,
  flatPlanId,
  needsContractedKw,
  type PlanBook,
  planOf,
  type TariffSource,
} from "./plans.ts";

const key = "tariff";

export interface TariffOptions {
  setting(key: string): string | null;
  saveSetting(key: string, value: string): void;
  files(): readonly TariffSource[];
  home(): Pick<HomeSettings, "tariffRegion" | "currency">;
  timeZone: string;
  /** What a kWh costs until somebody says otherwise. */
  pricePerKwh: number;
}

export type TariffStore = ReturnType<typeof openTariffSettings>;

export function openTariffSettings(options: TariffOptions) {
  const bookOf = createPlanBook(options.files);
  /** The text in the database and what it says; read anew only when it has changed. */
  let parsed = { text: null as string | null, settings: null as TariffSettings | null };

  function stored(): TariffSettings | null {
    const text = options.setting(key);
    if (text !== parsed.text) parsed = { text, settings: text === null ? null : JSON.parse(text) };
    return parsed.settings;
  }

  function get(): TariffSettings {
    return stored() ?? { plans: [defaultPlan(options.home())], adjustments: {}, flatPrice: null, own: null };
  }

  function book({ own, flatPrice } = get()): PlanBook {
    const { currency } = options.home();
    const price = flatPrice ?? decimalText(options.pricePerKwh);
    return bookOf({ own, flatPrice: price, currency, timeZone: options.timeZone });
  }

  return {
    get,
    book,
    isDefault: () => stored() === null,
    currency: () => options.home().currency,
    /** Throws a BillingError for settings that cannot be billed. */
    save(settings: TariffSettings): void {
      checkSettings(settings, book(settings), options.home().currency);
      options.saveSetting(key, JSON.stringify(settings));
    },
  };
}

/** Thai homes that use more than a little are on 1.2; a home elsewhere has one price until its plan is chosen. */
function defaultPlan({ tariffRegion, currency }: Pick<HomeSettings, "tariffRegion" | "currency">): PlanSpan {
  const isThai = tariffRegion !== "other" && currency === "THB";
  const plan = isThai ? "TH-1.2" : flatPlanId;
  return { from: null, plan, startDay: 1, months: 1, anchorMonth: null, entitlements: [], contractedKw: null };
}

function checkSettings(settings: TariffSettings, book: PlanBook, currency: string): void {
  const [first, ...later] = settings.plans;
  if (first?.from !== null) {
    throw new BillingError(
      "The first plan begins on a date",
      "Its from is null: it holds for all time before the next",
    );
  }
  let last = "";
  for (const { from } of later) {
    const date = checkDate(from ?? "");
    if (date <= last) throw new BillingError(`The plan from ${date} is not later than the one before`, "Sort by from");
    last = date;
  }
  for (const span of settings.plans) checkSpan(span, planOf(book, span.plan), currency);
  checkAdjustments(settings, book);
}

function checkSpan(span: PlanSpan, tariff: BookTariff, currency: string): void {
  checkBillable(tariff, currency);
  if (needsContractedKw(tariff) && span.contractedKw === null) {
    throw new BillingError(`${tariff.id} charges by the contracted power`, "Give contractedKw, as in the contract");
  }
  const known = entitlementsOf(tariff);
  const unknown = span.entitlements.find((one) => !known.includes(one));
  if (unknown === undefined) return;
  const hint = known.length === 0 ? "The plan knows none" : `The plan knows ${known.join(", ")}`;
  throw new BillingError(`${tariff.id} has no right ${unknown}`, hint);
}

/** A misspelt key would be left out without a word. */
function checkAdjustments({ adjustments, plans }: TariffSettings, book: PlanBook): void {
  const known = new Set(plans.flatMap(({ plan }) => adjustmentKeys(planOf(book, plan))));
  for (const [month, values] of Object.entries(adjustments)) {
    const unknown = Object.keys(values).find((one) => !known.has(one));
    if (unknown === undefined) continue;
    const hint = known.size === 0 ? "They have none" : `They have ${[...known].join(", ")}`;
    throw new BillingError(`${month}: no chosen plan has an adjustment ${unknown}`, hint);
  }
}

export function adjustmentKeys({ adjustmentSeries }: BookTariff): string[] {
  return [...new Set(Object.values(adjustmentSeries).map((series) => series.key))];
}

/** The times of use that have a price of their own; `all` where one price holds. */
export function pricedPeriods(tariff: BookTariff): string[] {
  const [newest] = tariff.versions.slice(-1) as [Version];
  const priced = Object.keys(newest.energy);
  return priced.includes("all") ? ["all"] : periodsOf(tariff);
}

function decimalText(price: number): string {
  return price.toFixed(6).replace(/\.?0+$/, "");
}
