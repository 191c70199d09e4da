/**
 * Residuals as tokens of a small alphabet, each with a few bits of its own, in the manner of Deflate's length codes
 * (RFC 1951, 3.2.5): runs of zeros, small numbers, classes of larger numbers, and larger numbers that recur in the column.
 */
import { bitLength } from "./bits.ts";

/** Tokens in order, and the number that each token's own bits say. */
export interface Tokens {
  tokens: Uint8Array;
  extras: Float64Array;
}

/** What each token stands for: a base plus or minus the number that its own bits say, as a length or as a residual. */
export interface Alphabet {
  bases: Float64Array;
  signs: Int8Array;
  extraBits: Uint8Array;
}

/** Runs of 1, 2, 3, 4, 5-8, 9-16, ... up to 65,536 zeros. */
export const runTokens = 18;
/** 1 to 16 are tokens of their own; 17-32, 33-64, ... are classes; each with either sign. */
export const ownSizes = 16;
const sizeClasses = ownSizes + 49;
/** The tokens from here on are the column's recurring residuals, at most so many. */
export const recurringFrom = runTokens + 2 * sizeClasses;
export const mostRecurring = 64;
/** Tokens are below this. */
export const alphabetSize = 256;

/** How many activities there are. */
export const activities = 4;
/** A token's activity, how far the column moves just now: 0 for a run, then small to large. The next token depends on it. */
export const activityOf = makeActivities();

const plainAlphabet = makeAlphabet();

/** The alphabet with a column's recurring residuals, in rising order. */
export function alphabetWith(recurring: Float64Array): Alphabet {
  if (recurring.length === 0) return plainAlphabet;
  const bases = plainAlphabet.bases.slice();
  bases.set(recurring, recurringFrom);
  return { ...plainAlphabet, bases };
}

/** The residuals from the second on, as the first is always 0. */
export function tokenise(residuals: Float64Array, recurring: Float64Array): Tokens {
  const tokens = new Uint8Array(residuals.length);
  const extras = new Float64Array(residuals.length);
  const { bases } = plainAlphabet;
  let count = 0;
  for (let index = 1; index < residuals.length; count++) {
    const residual = residuals[index]!;
    if (residual === 0) {
      const start = index++;
      while (index < residuals.length && residuals[index] === 0) index++;
      const token = lengthToken(index - start);
      tokens[count] = token;
      extras[count] = index - start - bases[token]!;
      continue;
    }
    index++;
    const isSmall = residual <= ownSizes && residual >= -ownSizes;
    const token = (isSmall ? 0 : recurringToken(residual, recurring)) || sizeToken(residual);
    tokens[count] = token;
    if (token < recurringFrom) extras[count] = Math.abs(residual - bases[token]!);
  }
  return { tokens: tokens.subarray(0, count), extras: extras.subarray(0, count) };
}

function lengthToken(length: number): number {
  return length <= 4 ? length - 1 : bitLength(length - 1) + 1;
}

/** The token of a residual that is not 0 and does not recur. */
export function sizeToken(residual: number): number {
  const isNegative = residual < 0 ? 1 : 0;
  const size = Math.abs(residual);
  if (size <= ownSizes) return runTokens + 2 * (size - 1) + isNegative;
  return runTokens + 2 * (bitLength(size - 1) + ownSizes - 5) + isNegative;
}

/** By bisection; 0, which is a run's, when it does not recur. */
function recurringToken(residual: number, recurring: Float64Array): number {
  let low = 0;
  let high = recurring.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (recurring[middle]! < residual) low = middle + 1;
    else high = middle;
  }
  return recurring[low] === residual ? recurringFrom + low : 0;
}

/** Adds to the counts how often each token comes, were none recurring. */
export function countTokens(counts: Uint32Array, residuals: Float64Array): void {
  let run = 0;
  for (let index = 1; index < residuals.length; index++) {
    const residual = residuals[index]!;
    if (residual === 0) run++;
    else {
      if (run > 0) countRun(counts, run);
      run = 0;
      const token = sizeToken(residual);
      counts[token] = counts[token]! + 1;
    }
  }
  if (run > 0) countRun(counts, run);
}

function countRun(counts: Uint32Array, length: number): void {
  const token = lengthToken(length);
  counts[token] = counts[token]! + 1;
}

/** How many bits tokens of these counts have of their own. */
export function extraBitsOf(counts: Uint32Array): number {
  let bits = 0;
  for (let token = 0; token < recurringFrom; token++) {
    bits += counts[token]! * plainAlphabet.extraBits[token]!;
  }
  return bits;
}

function makeAlphabet(): Alphabet {
  const bases = new Float64Array(alphabetSize);
  const signs = new Int8Array(alphabetSize).fill(1);
  const extraBits = new Uint8Array(alphabetSize);
  for (let token = 0; token < runTokens; token++) {
    extraBits[token] = token < 4 ? 0 : token - 2;
    bases[token] = token < 4 ? token + 1 : 2 ** (token - 2) + 1;
  }
  for (let sizeClass = 0; sizeClass < sizeClasses; sizeClass++) {
    const bits = sizeClass < ownSizes ? 0 : sizeClass - ownSizes + 4;
    const size = sizeClass < ownSizes ? sizeClass + 1 : 2 ** bits + 1;
    const token = runTokens + 2 * sizeClass;
    extraBits.fill(bits, token, token + 2);
    bases.set([size, -size], token);
    signs[token + 1] = -1;
  }
  return { bases, signs, extraBits };
}

function makeActivities(): Uint8Array {
  const result = new Uint8Array(alphabetSize).fill(3);
  result.fill(0, 0, runTokens);
  result.fill(1, runTokens, runTokens + 2 * 2);
  result.fill(2, runTokens + 2 * 2, runTokens + 2 * ownSizes);
  return result;
}
