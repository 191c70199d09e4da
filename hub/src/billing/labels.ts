/** The texts of lines and notes, from the labels of the tariff files. */
import type { BillLine } from "./ledger.ts";
import type { BillNote } from "./notes.ts";
import type { Label } from "./tariff.ts";

export type Language = keyof Label;

type Labels = Readonly<Record<string, Label>>;

/** What a line is called on the bill, such as "Energy, units 16-25"; a key without a text stands for itself. */
export function lineLabel(line: BillLine, labels: Labels, language: Language): string {
  const name = textOf(line.key, labels, language);
  const period =
    line.period === null || line.period === "all" ? null : textOf(`period_${line.period}`, labels, language);
  return [name, period, tierLabel(line, labels, language)].filter((part) => part !== null).join(", ");
}

/** What a note says. */
export function noteText(note: BillNote, labels: Labels, language: Language): string {
  const template = textOf(`note_${note.key}`, labels, language);
  const about = "about" in note ? textOf(note.about, labels, language) : "";
  return fill(template, { about, quarters: "quarters" in note ? String(note.quarters) : "" });
}

function tierLabel({ tier }: BillLine, labels: Labels, language: Language): string | null {
  if (!tier) return null;
  // Whole units are counted: the tier above 15 begins with unit 16.
  const from = /^\d+$/.test(tier.fromKwh) ? String(Number(tier.fromKwh) + 1) : tier.fromKwh;
  const template = textOf(tier.toKwh === null ? "tier_last" : "tier", labels, language);
  return fill(template, { from, to: tier.toKwh ?? "" });
}

function textOf(key: string, labels: Labels, language: Language): string {
  return labels[key]?.[language] ?? key;
}

function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (all, name: string) => values[name] ?? all);
}
