/** The contract between the hub and the drivers: what a dialect's message means, in the field's own terms. */

export type * from "./commands.ts";

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

/** Data of a driver's own making that JSON can hold; at most 4 KB as JSON (`definitions.ts` refuses more). */
export type DefinitionData = Readonly<Record<string, unknown>>;

/** What one message says about the messages on other topics, such as that a bare number there is in kWh. */
export interface Definition {
  /** The exact topics that it explains. */
  topics: readonly string[];
  data: DefinitionData;
}

/** All that one source, such as a configuration topic, defines: it takes the place of what the source defined before. */
export interface Definitions {
  /** Names the source within its dialect, the same each time. */
  source: string;
  /** Empty: the source defines nothing any more. */
  list: readonly Definition[];
}

/**
 * The outcome of decoding: what it says about each meter; or nothing to store and why (`ignored`, as for a
 * command's echo); or a message of this dialect that is broken (`rejected`, a sentence a maker can act on).
 * `repeats` says why what was read must not be stored: other messages say the same, as of each inverter of a sum.
 * `defines` is to be remembered and handed to the drivers with later messages (`RawMessage.known`).
 */
export type Decoded =
  | { meters: MeterMessage[]; defines?: Definitions; repeats?: string }
  | { ignored: string; meterId?: string; defines?: Definitions }
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
  /** What drivers of this dialect defined about the message's topic; empty when they did not. */
  known(dialect: string): readonly DefinitionData[];
}

/** One dialect: how one family of devices speaks MQTT. */
export interface Driver {
  /** Short, lower-case, stable: it is stored with every meter. */
  readonly dialect: string;
  /** The devices it serves, for people. */
  readonly title: string;
  /** For tables of what is supported: models by name, in one line. */
  readonly devices?: string;
  /** What is read of them, in one line. */
  readonly reads?: string;
  /** What can be switched, and by which messages; "nothing" when nothing. */
  readonly switches?: string;
  /** How a device is made to talk to the hub, in one line. */
  readonly connect?: string;
  /**
   * Takes messages whose topics could be anyone's: a driver that knows the topic for sure comes before it in the list.
   */
  readonly isFallback?: boolean;
  /** Its devices need not be meters (lamps, programs): one is taken for a meter once it measures or switches. */
  readonly isForAnything?: boolean;
  /** Decodes a message of this dialect; undefined says that it is another's. Never throws. */
  decode(message: RawMessage): Decoded | undefined;
}
