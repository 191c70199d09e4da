/** Energy from power readings, for channels without a register. */

/**
 * A power reading holds until the next one (zero-order: right for meters that report on change, and without bias for
 * periodic ones), for at most this long; a longer silence is a gap and counts nothing.
 * Ten minutes covers the slowest usual reporting (Tasmota's default TelePeriod is 300 s) with one message lost.
 */
export const powerHoldMs = 10 * 60_000;
