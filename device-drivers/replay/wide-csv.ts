/** Household recordings as wide CSV: `ts` in UTC seconds, then one column a channel and unit, as `fridge.W`. */

export interface Layout {
  /** How many cells a row has. */
  columns: number;
  tsColumn: number;
  channels: Channel[];
  /** Columns that say nothing the hub's schema has a word for. */
  leftOut: string[];
}

export interface Channel {
  name: string;
  fields: Field[];
}

interface Field {
  column: number;
  /** The key in the short form of the hub's schema. */
  key: string;
  scale: number;
}

export interface RowMessage {
  topic: string;
  payload: string;
}

interface Row {
  tsS: number;
  /** NaN where the cell is empty. */
  values: number[];
}

/** Units by their spelling in lower case; `kwh_total` is a register, `kwh` alone would be of one interval. */
const units: ReadonlyMap<string, { key: string; scale: number }> = new Map([
  ["w", { key: "w", scale: 1 }],
  ["kw", { key: "w", scale: 1000 }],
  ["var", { key: "var", scale: 1 }],
  ["va", { key: "va", scale: 1 }],
  ["v", { key: "v", scale: 1 }],
  ["a", { key: "a", scale: 1 }],
  ["pf", { key: "pf", scale: 1 }],
  ["hz", { key: "hz", scale: 1 }],
  ["c", { key: "temperature", scale: 1 }],
  ["kwh_total", { key: "kwh", scale: 1 }],
  ["wh_total", { key: "kwh", scale: 0.001 }],
]);

export const knownUnits = "W, kW, var, VA, V, A, pf, Hz, C, kWh_total, Wh_total";

/** The layout, or why the line heads no such table. */
export function readHeader(line: string): Layout | { bad: string } {
  const names = cellsOf(line);
  const tsColumn = names.indexOf("ts");
  if (tsColumn === -1) return { bad: 'the first line has no column "ts" with the UTC time in seconds' };
  const channels = new Map<string, Channel>();
  const leftOut: string[] = [];
  names.forEach((name, column) => {
    if (column === tsColumn) return;
    const dot = name.lastIndexOf(".");
    const unit = dot > 0 ? units.get(name.slice(dot + 1).toLowerCase()) : undefined;
    const channelName = name.slice(0, dot);
    if (!unit || /[+#/\s\0]/.test(channelName)) {
      leftOut.push(name);
      return;
    }
    const channel = channels.get(channelName) ?? { name: channelName, fields: [] };
    channel.fields.push({ column, ...unit });
    channels.set(channelName, channel);
  });
  if (channels.size === 0) {
    return { bad: `the first line has no column such as mains.W or fridge.W (units: ${knownUnits})` };
  }
  return { columns: names.length, tsColumn, channels: [...channels.values()], leftOut };
}

/** The row, or why it is none. */
export function readRow(line: string, { columns, tsColumn, channels }: Layout): Row | { bad: string } {
  const cells = cellsOf(line);
  if (cells.length !== columns) return { bad: `it has ${cells.length} cells instead of ${columns}` };
  const tsS = readNumber(cells[tsColumn]!);
  if (tsS === undefined || Number.isNaN(tsS)) return { bad: `ts is "${cells[tsColumn]}"` };
  const values: number[] = new Array(columns).fill(Number.NaN);
  for (const { name, fields } of channels) {
    for (const { column, key } of fields) {
      const value = readNumber(cells[column]!);
      if (value === undefined) return { bad: `the ${key} of ${name} is "${cells[column]}"` };
      values[column] = value;
    }
  }
  return { tsS, values };
}

/** One message for each channel that has a value in the row, in the short form of the hub's schema. */
export function rowMessages({ values }: Row, tsS: number, layout: Layout, homeId: string): RowMessage[] {
  const messages: RowMessage[] = [];
  for (const { name, fields } of layout.channels) {
    const reading: Record<string, number> = {};
    for (const { column, key, scale } of fields) {
      const value = values[column]!;
      // Scaling must not add digits that nobody measured.
      if (!Number.isNaN(value)) reading[key] = scale === 1 ? value : Number((value * scale).toPrecision(12));
    }
    if (Object.keys(reading).length === 0) continue;
    reading.ts = tsS;
    messages.push({ topic: topicOf(name, homeId), payload: JSON.stringify(reading) });
  }
  return messages;
}

function topicOf(name: string, homeId: string): string {
  const base = `home/${homeId}/sensor/power`;
  return name === "mains" ? `${base}/total` : `${base}/device/${name}`;
}

function cellsOf(line: string): string[] {
  return line.split(",").map((cell) => {
    const text = cell.trim();
    return text.length > 1 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
  });
}

/** NaN for an empty cell, undefined for one that is no number. */
function readNumber(cell: string): number | undefined {
  if (cell === "" || cell.toLowerCase() === "nan") return Number.NaN;
  const value = Number(cell);
  return Number.isFinite(value) ? value : undefined;
}
