/**
 * Energy from a register: a meter's cumulative count, which in real life steps back by rounding, restarts at a
 * reboot or at midnight, rolls over, is replaced, or reads zero for a moment.
 */

/** What the next reading is compared with. */
export interface RegisterState {
  timeMs: number;
  /** The highest count that was believed. */
  baseWh: number;
  /** Since when readings lie slightly below the base (rounding, or a sum that lost a little). */
  heldSinceMs: number | null;
  /** A fall that may yet prove to be a glitch. */
  fall: Fall | null;
}

interface Fall {
  sinceMs: number;
  /** The base before the fall; a reading that jumps back over it shows that the fall was a glitch. */
  fromWh: number;
  /** What the register fell to. */
  toWh: number;
  /** Energy counted since the fall, which a recovery must not count again. */
  countedWh: number;
  /** Energy that the first reading after the fall stands for, counted once a second reading confirms the fall. */
  creditWh: number;
}

/** A fall to no less than this share is rounding or a late partial sum, not a restart (Home Assistant's rule too). */
const restartShare = 0.9;
/** A reading held below the base for so long is a correction of the meter: it becomes the base. */
const holdLimitMs = 6 * 3600_000;
/** A fall not taken back within this time was a restart. */
const fallLimitMs = 3600_000;
/** No home takes more: 100 kW is 145 A on three phases at 230 V. */
const mostW = 100_000;
/** Registers may move in coarse steps, and the first readings of a test or a late batch lie close together. */
const slackWh = 6_000;
/** A register that runs both ways falls to zero when it restarts: less may be believed of it. */
const netSlackWh = 1_000;
/** What a register may hold shortly after a restart, for its value to be believed as used since then. */
const restartW = 10_000;
const restartSlackWh = 1_000;
/**
 * The state depends on readings of this time, and on this many at least: replaying them restores it. Twice as long as
 * readings are held, because the first of them may be held itself below one that is not replayed.
 */
export const registerMemory = { lengthMs: 2 * holdLimitMs, readings: 16 };

/** Where counters wrap: mechanical and decimal digits, and 32-bit counts of 0.01 Wh, 1 Wh and 10 Wh. */
const wrapsWh = [1e7, 1e8, 1e9, 2 ** 32 / 1e5, 2 ** 32 / 100, 2 ** 32, 2 ** 32 * 10];

export function startRegister(timeMs: number, valueWh: number): RegisterState {
  return { timeMs, baseWh: valueWh, heldSinceMs: null, fall: null };
}

/**
 * Energy in Wh that the register counted up to a later reading, never negative; changes `state` to it.
 * A fall adds nothing until a second reading confirms it, so that a momentary zero costs nothing.
 */
export function advanceRegister(state: RegisterState, timeMs: number, valueWh: number): number {
  const elapsedMs = timeMs - state.timeMs;
  state.timeMs = timeMs;
  if (state.fall) {
    const recovered = recover(state, state.fall, timeMs, valueWh);
    if (recovered !== null) return recovered;
  }
  if (valueWh >= state.baseWh) return rise(state, elapsedMs, valueWh);
  if (valueWh >= state.baseWh * restartShare) return hold(state, timeMs, valueWh);
  return restart(state, elapsedMs, valueWh);
}

/** Energy of a register that also runs backwards (net metering): positive is import, negative is export. */
export function advanceNetRegister(state: RegisterState, timeMs: number, valueWh: number): number {
  const changeWh = valueWh - state.baseWh;
  const elapsedMs = timeMs - state.timeMs;
  state.timeMs = timeMs;
  state.baseWh = valueWh;
  return isPlausible(Math.abs(changeWh), elapsedMs, netSlackWh) ? changeWh : 0;
}

function rise(state: RegisterState, elapsedMs: number, valueWh: number): number {
  const riseWh = valueWh - state.baseWh;
  const creditWh = state.fall?.creditWh ?? 0;
  state.baseWh = valueWh;
  state.heldSinceMs = null;
  // An impossible rise is another meter or a broken message: go on from there, count nothing.
  const countedWh = isPlausible(riseWh, elapsedMs) ? riseWh + creditWh : creditWh;
  if (state.fall) {
    state.fall.creditWh = 0;
    state.fall.countedWh += countedWh;
  }
  return countedWh;
}

function hold(state: RegisterState, timeMs: number, valueWh: number): number {
  state.heldSinceMs ??= timeMs;
  if (timeMs - state.heldSinceMs >= holdLimitMs) {
    state.baseWh = valueWh;
    state.heldSinceMs = null;
  }
  return 0;
}

function restart(state: RegisterState, elapsedMs: number, valueWh: number): number {
  const fromWh = state.baseWh;
  const wrappedWh = wrapEnergy(fromWh, valueWh);
  const creditWh = wrappedWh ?? valueWh;
  const believed = creditWh <= (restartW * elapsedMs) / 3600_000 + restartSlackWh;
  state.fall = {
    sinceMs: state.timeMs,
    fromWh,
    toWh: valueWh,
    countedWh: 0,
    creditWh: believed ? Math.max(0, creditWh) : 0,
  };
  state.baseWh = valueWh;
  state.heldSinceMs = null;
  return 0;
}

/** Ends a fall: with the energy since before it when the register is back, with null when it stays down. */
function recover(state: RegisterState, fall: Fall, timeMs: number, valueWh: number): number | null {
  const backWh = valueWh - fall.fromWh;
  // A glitch ends in one leap; a restarted register that has counted its way up again is no glitch.
  const leaps = valueWh - state.baseWh >= restartShare * (fall.fromWh - fall.toWh);
  if (backWh >= 0 && leaps && isPlausible(backWh, timeMs - fall.sinceMs)) {
    state.fall = null;
    state.baseWh = valueWh;
    state.heldSinceMs = null;
    return Math.max(0, backWh - fall.countedWh);
  }
  if (timeMs - fall.sinceMs > fallLimitMs && fall.creditWh === 0) state.fall = null;
  return null;
}

function wrapEnergy(fromWh: number, toWh: number): number | null {
  const wrapWh = wrapsWh.find((limit) => fromWh <= limit && fromWh > limit * 0.999 && toWh < limit * 0.001);
  return wrapWh === undefined ? null : wrapWh - fromWh + toWh;
}

/** Whether a home can have used so much in that time. */
export function isPlausible(energyWh: number, elapsedMs: number, slack = slackWh): boolean {
  return energyWh <= (mostW * elapsedMs) / 3600_000 + slack;
}
