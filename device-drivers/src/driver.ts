/** The contract between the hub and the drivers: what a dialect's message means, in the field's own terms. */

/** Every quantity that a reading can have, with the one unit its value is in. */
export const quantities = {
  power_active: { unit: "W" },
  power_reactive: { unit: "var" },
  power_apparent: { unit: "VA" },
  power_factor: { unit: "" },
  voltage: { unit: "V" },
  current: { unit: "A" },
  frequency: { unit: "Hz" },
  energy_active: { unit: "Wh" },
  energy_reactive: { unit: "varh" },
  energy_apparent: { unit: "VAh" },
  thd_voltage: { unit: "%" },
  thd_current: { unit: "%" },
  temperature: { unit: "°C" },
  humidity: { unit: "%" },
  soc: { unit: "%" },
} as const;

export type Quantity = keyof typeof quantities;

/** A conductor of a multi-phase supply; N is the neutral. */
export type Phase = "L1" | "L2" | "L3" | "N";

/** Which way a register counts; `net` runs backwards on export, `produced` counts generation. */
export type Direction = "import" | "export" | "net" | "produced";

/** What span a register covers: `total` since installation, the others restart with their span. */
export type Period = "total" | "hour" | "today" | "yesterday" | "week" | "month" | "year" | "tariff1" | "tariff2";

/** What a channel measures in the home. `mains` is the supply, `circuit` a branch of it, `appliance` one consumer. */
export type Role = "mains" | "circuit" | "appliance" | "solar" | "battery" | "ev";

/** What one channel of a meter measured at one instant. */
export interface Reading {
  quantity: Quantity;
  /** In the unit of `quantities[quantity]`; active power is positive when imported (or produced, on a `solar` channel). */
  value: number;
  /** The meter's own name of the input; absent on a meter with one input. */
  channel?: string;
  /** Absent: the sum, or the mean for voltage, of all phases. */
  phase?: Phase;
  /** Energies only. */
  direction?: Direction;
  /** Energies only. */
  period?: Period;
}

/**
 * When the meter says it measured: an exact instant, or a wall-clock time whose zone is unknown
 * (which the hub replaces by the arrival time).
 */
export type MeterTime = { timeMs: number } | { localText: string };

/** What one message says about one meter. */
export interface MeterMessage {
  /** The meter's stable id within its dialect: MAC or serial where the message has it, else its place in the topic. */
  meterId: string;
  /** Another id by which messages without the stable one name this meter, such as a topic prefix that the user chose. */
  alias?: string;
  homeId?: string;
  name?: string;
  model?: string;
  firmware?: string;
  /** Twelve upper-case hex digits. */
  mac?: string;
  readings: Reading[];
  time?: MeterTime;
  availability?: "online" | "offline";
  /** Relay states by channel, true is closed (on). */
  relays?: Record<string, boolean>;
  /** Wi-Fi signal. */
  signalDbm?: number;
  uptimeS?: number;
  /** Suggested roles by channel ("" for a meter with one input). */
  roles?: Record<string, Role>;
  /** Values that were present but unusable, as "field: why"; the rest of the message stands. */
  dropped?: string[];
}

/**
 * The outcome of decoding: what it says about each meter; or nothing to store and why (`ignored`, as for a
 * command's echo); or a message of this dialect that is broken (`rejected`, a sentence a maker can act on).
 */
export type Decoded =
  | { meters: MeterMessage[] }
  | { ignored: string; meterId?: string }
  | { rejected: string; meterId?: string };

/** An MQTT message as it arrived; `json` and `text` are parsed at most once, however many drivers look. */
export interface RawMessage {
  readonly topic: string;
  /** The topic split at "/". */
  readonly levels: readonly string[];
  readonly payload: Uint8Array;
  readonly retain: boolean;
  /** The payload as UTF-8 text, or undefined when it is not valid UTF-8. */
  text(): string | undefined;
  /** The payload as JSON (`nan` and `inf` read as null), or undefined when it is not JSON. */
  json(): unknown;
}

/** One dialect: how one family of devices speaks MQTT. */
export interface Driver {
  /** Short, lower-case, stable: it is stored with every meter. */
  readonly dialect: string;
  /** The devices it serves, for people. */
  readonly title: string;
  /** Decodes a message of this dialect; undefined says that it is another's. Never throws. */
  decode(message: RawMessage): Decoded | undefined;
}
