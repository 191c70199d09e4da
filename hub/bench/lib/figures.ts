/** What a benchmark finds: a figure of the hub beside one of a peer, and how both are shown. */

/** One measured figure; a peer that is not installed has the value null. */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  peer: string | null;
  peerValue: number | null;
  /** Whether more is better (messages a second) or less (bytes, milliseconds). */
  better: "more" | "less";
}

/** How much better the hub is than the peer: 2 is twice as good; null without a peer's value, or when one is not above 0. */
export function ratioOf({ value, peerValue, better }: Figure): number | null {
  // A slope may be zero or fall, and then says nothing as a factor.
  if (peerValue === null || value <= 0 || peerValue <= 0) return null;
  return better === "more" ? value / peerValue : peerValue / value;
}

/** The figure as one line of JSON. */
export function jsonLine(figure: Figure): string {
  const { name, value, unit, peer, peerValue } = figure;
  const ratio = ratioOf(figure);
  return JSON.stringify({
    ...{ name, value: rounded(value), unit, peer },
    ...{ peer_value: peerValue === null ? null : rounded(peerValue), ratio: ratio === null ? null : rounded(ratio) },
  });
}

const widths = [34, 12, 18, 34, 12];

/** The heading of the table that `tableLine` makes the rows of. */
export const tableHead = ["figure", "hub", "unit", "peer", "peer's", "ratio"]
  .map((text, column) => padded(text, column))
  .join(" ");

/** The figure as a row for people. */
export function tableLine(figure: Figure): string {
  const { name, value, unit, peer, peerValue } = figure;
  const ratio = ratioOf(figure);
  const peerText = peerValue === null ? "–" : String(rounded(peerValue));
  return [name, String(rounded(value)), unit, peer ?? "–", peerText, ratio === null ? "–" : ratio.toPrecision(3)]
    .map((text, column) => padded(text, column))
    .join(" ");
}

function padded(text: string, column: number): string {
  const width = widths[column] ?? 0;
  return column === 1 || column === 4 ? text.padStart(width) : text.padEnd(width);
}

/** Four digits say all that a measurement on a shared machine can. */
function rounded(value: number): number {
  return Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(4));
}

/** The value below which the share lies, by nearest rank: `quantile(times, 0.99)`. NaN for no values. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** The slope of the least-squares line through the points, in y per x; 0 for fewer than two. */
export function slopeOf(points: readonly { x: number; y: number }[]): number {
  const meanOf = (pick: (point: { x: number; y: number }) => number) =>
    points.reduce((sum, point) => sum + pick(point), 0) / points.length;
  const [meanX, meanY] = [meanOf(({ x }) => x), meanOf(({ y }) => y)];
  const spread = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  return spread > 0 ? points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0) / spread : 0;
}
