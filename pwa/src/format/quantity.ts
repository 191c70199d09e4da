import { t } from "../i18n/text.ts";
import { type Language, language } from "../state/settings.ts";

/** A number and its unit apart, so that a screen can set them in different sizes. */
export interface Quantity {
  value: string;
  unit: string;
}

const formats = new Map<string, Intl.NumberFormat>();

export function locale(of: Language = language()): string {
  return of === "th" ? "th-TH" : "en-GB";
}

/** W below 1 kW, else kW; two decimals below 10 kW, then one, so that the width hardly changes. */
export function power(powerW: number): Quantity {
  const size = Math.abs(powerW);
  if (size < 9.95) return { value: number(powerW, size > 0.05 ? 1 : 0), unit: "W" };
  if (size < 999.5) return { value: number(powerW, 0), unit: "W" };
  return { value: number(powerW / 1000, size < 9_995 ? 2 : 1), unit: "kW" };
}

/** Power at a chart's rule: no more digits than the round number needs. */
export function axisPower(powerW: number, highestW: number): string {
  return highestW < 1000 ? `${number(powerW, 0)} W` : `${number(powerW / 1000, powerW % 1000 === 0 ? 0 : 1)} kW`;
}

/** Energy in kWh ("units" on a Thai bill). */
export function energy(energyWh: number): Quantity {
  const size = Math.abs(energyWh);
  const digits = size < 99_995 ? 2 : size < 999_950 ? 1 : 0;
  return { value: number(energyWh / 1000, digits), unit: t("unit.energy") };
}

/** A meter's counter in kWh, with the decimals that its own display has. */
export function register(registerWh: number): Quantity {
  return { value: number(registerWh / 1000, 2), unit: "kWh" };
}

/** Money with the currency's sign; whole units from 1,000 up unless `exact`. */
export function money(amount: number, currency: string, exact = false): string {
  const digits = !exact && Math.abs(amount) >= 1000 ? 0 : 2;
  const key = `${locale()} ${currency} ${digits}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.NumberFormat(locale(), {
      style: "currency",
      currency,
      currencyDisplay: "narrowSymbol",
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
    formats.set(key, format);
  }
  return withMinus(format.format(amount));
}

/** Any other measured value: the decimals that its unit is usually read with. */
export function measured(value: number, unit: string): Quantity {
  if (unit === "W") return power(value);
  if (unit === "Wh") return energy(value);
  if (unit === "varh" || unit === "VAh") return { value: number(value / 1000, 2), unit: `k${unit}` };
  const digits = unit === "V" || unit === "%" || unit === "°C" ? 1 : unit === "var" || unit === "VA" ? 0 : 2;
  return { value: number(value, digits), unit };
}

export function percent(share: number): string {
  return `${number(share * 100, 0)}%`;
}

export function count(value: number): string {
  return number(value, 0);
}

/** A quantity as one piece of text, held together by a no-break space. */
export function joined(quantity: Quantity): string {
  return quantity.unit ? `${quantity.value}\u00a0${quantity.unit}` : quantity.value;
}

function number(value: number, digits: number): string {
  const key = `${locale()} ${digits}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.NumberFormat(locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits });
    formats.set(key, format);
  }
  const text = format.format(value);
  return withMinus(/[1-9]/.test(text) ? text : text.replace("-", ""));
}

// A hyphen is narrower than the tabular digits and sits too low beside them.
function withMinus(text: string): string {
  return text.replace("-", "\u2212");
}
