/** Reads as much of Sparkplug B's payload as measurements need; field numbers are those of eclipse/tahu's sparkplug_b.proto. */
import type { WireField } from "./protobuf.ts";
import { fieldsOf } from "./protobuf.ts";

export interface Metric {
  /** Absent in data messages of nodes that use aliases. */
  name?: string;
  alias?: string;
  dataType?: number;
  unit?: string;
  isHistorical: boolean;
  /** Undefined when the metric is null, or is no number. */
  value?: number | bigint;
}

export interface Payload {
  /** Epoch milliseconds. */
  timestampMs?: number;
  metrics: readonly Metric[];
}

/** The largest devices have some hundred metrics. */
const mostMetrics = 500;

const field = { timestamp: 1, metrics: 2 } as const;
const metricField = {
  ...{ name: 1, alias: 2, dataType: 4, isHistorical: 5, isNull: 7, properties: 9 },
  ...{ int: 10, long: 11, float: 12, double: 13 },
} as const;
const propertiesField = { keys: 1, values: 2 } as const;
const propertyString = 8;

const utf8 = new TextDecoder("utf-8");

/** The payload; undefined when the bytes are none. */
export function readPayload(bytes: Uint8Array): Payload | undefined {
  const fields = fieldsOf(bytes);
  if (!fields) return undefined;
  const metrics: Metric[] = [];
  for (const { number, bytes: content } of fields) {
    if (number !== field.metrics || !content || metrics.length === mostMetrics) continue;
    const metric = readMetric(content);
    if (!metric) return undefined;
    metrics.push(metric);
  }
  const timestamp = fields.find(({ number }) => number === field.timestamp)?.varint;
  return { metrics, ...(timestamp !== undefined && { timestampMs: Number(timestamp) }) };
}

function readMetric(bytes: Uint8Array): Metric | undefined {
  const fields = fieldsOf(bytes);
  if (!fields) return undefined;
  const one = (number: number) => fields.find((candidate) => candidate.number === number);
  const name = textOf(one(metricField.name));
  const alias = one(metricField.alias)?.varint;
  const dataType = one(metricField.dataType)?.varint;
  const unit = unitIn(one(metricField.properties)?.bytes);
  const value = one(metricField.isNull)?.varint === 1n ? undefined : valueIn(fields);
  return {
    isHistorical: one(metricField.isHistorical)?.varint === 1n,
    ...(name !== undefined && { name }),
    ...(alias !== undefined && { alias: String(alias) }),
    ...(dataType !== undefined && { dataType: Number(dataType) }),
    ...(unit !== undefined && { unit }),
    ...(value !== undefined && { value }),
  };
}

function textOf(field: WireField | undefined): string | undefined {
  return field?.bytes && utf8.decode(field.bytes);
}

function valueIn(fields: readonly WireField[]): number | bigint | undefined {
  for (const { number, varint, bytes } of fields) {
    if ((number === metricField.int || number === metricField.long) && varint !== undefined) return varint;
    if (number === metricField.float && bytes?.length === 4) return viewOf(bytes).getFloat32(0, true);
    if (number === metricField.double && bytes?.length === 8) return viewOf(bytes).getFloat64(0, true);
  }
  return undefined;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The names under which nodes tell a metric's unit. */
const unitKeys = new Set(["engunit", "engunits", "unit", "units", "engineering units"]);

function unitIn(properties: Uint8Array | undefined): string | undefined {
  const fields = properties && fieldsOf(properties);
  if (!fields) return undefined;
  const keys = fields.filter(({ number }) => number === propertiesField.keys).map((key) => textOf(key) ?? "");
  const values = fields.filter(({ number }) => number === propertiesField.values);
  const at = keys.findIndex((key) => unitKeys.has(key.toLowerCase()));
  const value = values[at]?.bytes && fieldsOf(values[at].bytes);
  return textOf(value?.find(({ number }) => number === propertyString));
}

/** Bits of the signed data types, Int8 to Int64. */
const signedBits = [0, 8, 16, 32, 64];

/** A value as its data type means it: an integer arrives without its sign. */
export function numberOf(value: number | bigint, dataType: number | undefined): number {
  if (typeof value !== "bigint") return value;
  const bits = signedBits[dataType ?? 0] ?? 0;
  return Number(bits === 0 ? value : BigInt.asIntN(bits, value));
}
