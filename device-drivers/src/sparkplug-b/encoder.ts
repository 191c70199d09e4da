/** Writes Sparkplug B payloads for tests: field numbers as in eclipse/tahu's sparkplug_b.proto. */
import { Buffer } from "node:buffer";

export interface TestMetric {
  name?: string;
  alias?: number;
  dataType?: number;
  isNull?: boolean;
  isHistorical?: boolean;
  int?: number;
  long?: bigint;
  float?: number;
  double?: number;
  unit?: string;
}

export function encodePayload(metrics: readonly TestMetric[], timestampMs = 1_770_388_200_000): Buffer {
  return Buffer.concat([
    varintField(1, BigInt(timestampMs)),
    ...metrics.map((metric) => bytesField(2, metricBytes(metric))),
  ]);
}

function metricBytes({
  name,
  alias,
  dataType,
  isNull,
  isHistorical,
  int,
  long,
  float,
  double,
  unit,
}: TestMetric): Buffer {
  return Buffer.concat([
    ...(name === undefined ? [] : [bytesField(1, Buffer.from(name))]),
    ...(alias === undefined ? [] : [varintField(2, BigInt(alias))]),
    ...(dataType === undefined ? [] : [varintField(4, BigInt(dataType))]),
    ...(isHistorical ? [varintField(5, 1n)] : []),
    ...(isNull ? [varintField(7, 1n)] : []),
    ...(unit === undefined ? [] : [bytesField(9, unitBytes(unit))]),
    ...(int === undefined ? [] : [varintField(10, BigInt(int >>> 0))]),
    ...(long === undefined ? [] : [varintField(11, BigInt.asUintN(64, long))]),
    ...(float === undefined ? [] : [numberField(12, 5, 4, (view) => view.setFloat32(0, float, true))]),
    ...(double === undefined ? [] : [numberField(13, 1, 8, (view) => view.setFloat64(0, double, true))]),
  ]);
}

function unitBytes(unit: string): Buffer {
  const value = Buffer.concat([varintField(1, 12n), bytesField(8, Buffer.from(unit))]);
  return Buffer.concat([bytesField(1, Buffer.from("engUnit")), bytesField(2, value)]);
}

function varintField(number: number, value: bigint): Buffer {
  return Buffer.concat([varint(BigInt(number << 3)), varint(value)]);
}

function bytesField(number: number, content: Buffer): Buffer {
  return Buffer.concat([varint(BigInt((number << 3) | 2)), varint(BigInt(content.length)), content]);
}

function numberField(number: number, wireType: number, length: number, write: (view: DataView) => void): Buffer {
  const content = Buffer.alloc(length);
  write(new DataView(content.buffer, content.byteOffset, length));
  return Buffer.concat([varint(BigInt((number << 3) | wireType)), content]);
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    if (rest < 0x80n) return Buffer.from([...bytes, Number(rest)]);
    bytes.push(Number(rest & 0x7fn) | 0x80);
  }
}
