/** What went wrong with an external broker, for people: of an error of the network, of TLS, or of MQTT. */
import type { BrokerProblem } from "../../api/broker-contract.ts";

/** Where an attempt was when it ended. */
export interface Ending {
  /** Of the network, of TLS (OpenSSL's codes), or a reason of MQTT as a number; null when the connection just closed. */
  error: (Error & { code?: string | number }) | null;
  /** The broker had admitted the hub. */
  wasConnected: boolean;
  isTimeout: boolean;
  host: string;
  port: number;
  isTls: boolean;
  /** The two have agreed on TLS; not known of WebSockets. */
  isSecured: boolean;
  version: "3.1.1" | "5";
}

type Code = BrokerProblem["code"];
type Words = (ending: Ending) => readonly [code: Code, message: string, hint: string];

const place = ({ host, port }: Ending) => `${host} port ${port}`;

const busy: Words = (ending) => [
  "busy",
  `The broker at ${place(ending)} does not take the hub now: ${ending.error?.message}`,
  "Nothing needs to be done: the hub tries again.",
];
const version: Words = (ending) => [
  "protocol_version",
  `The broker does not speak MQTT ${ending.version}`,
  `Choose MQTT ${ending.version === "5" ? "3.1.1" : "5"}.`,
];
const clientId: Words = () => [
  "client_id",
  "The broker does not take the hub's client id",
  "Set a client id that its rules allow, or clear it to have the hub's own.",
];
const credentials: Words = () => [
  "credentials",
  "The broker does not take the user name or the password",
  "Correct them, or add this user to the broker.",
];
const notAllowed: Words = () => [
  "not_allowed",
  "The broker does not let the hub in",
  "Give a user and password that it knows, or let this user connect in its access rules.",
];
const tooLarge: Words = () => [
  "too_large",
  "The broker sends messages that are too large",
  "Choose topic filters without pictures and firmware; # takes in everything.",
];

/** Reasons of CONNACK in MQTT 3.1.1 [section 3.2.2.3] and of CONNACK and DISCONNECT in MQTT 5 [section 2.4]. */
const byReason: Readonly<Record<number, Words>> = {
  1: version,
  2: clientId,
  3: busy,
  4: credentials,
  5: notAllowed,
  132: version,
  133: clientId,
  134: credentials,
  135: notAllowed,
  136: busy,
  137: busy,
  138: notAllowed,
  139: busy,
  140: notAllowed,
  142: () => [
    "taken_over",
    "Another client uses the hub's client id, so the broker ended the hub's connection",
    "Give each of them a client id of its own.",
  ],
  149: tooLarge,
  151: busy,
  159: busy,
};

const unreachable: Words = (ending) => [
  "unreachable",
  `Nothing answers at ${place(ending)}`,
  "Start the broker, let it listen on the network, and check address, port and firewall.",
];
const unknownHost: Words = ({ host }) => [
  "unknown_host",
  `There is no machine called ${host} on the network`,
  "Correct the name, or give the address, such as 192.168.1.20.",
];
const certificate: Words = ({ error }) => [
  "certificate",
  `The broker's certificate is not signed by an authority that the hub knows (${error?.code})`,
  "Give the authority's certificate (CA, PEM) that signed it; for a self-signed one, the certificate itself.",
];
const expired: Words = ({ error }) => [
  "certificate",
  `The broker's certificate is not valid now (${error?.code})`,
  "Renew it, or correct the clock of the hub's or the broker's machine.",
];

/** Codes of Node's network, of OpenSSL's verification (Node's documentation of tls), and of its alerts. */
const byCode: Readonly<Record<string, Words>> = {
  ENOTFOUND: unknownHost,
  EAI_AGAIN: unknownHost,
  EAI_FAIL: unknownHost,
  ECONNREFUSED: unreachable,
  EHOSTUNREACH: unreachable,
  EHOSTDOWN: unreachable,
  ENETUNREACH: unreachable,
  ETIMEDOUT: unreachable,
  EADDRNOTAVAIL: unreachable,
  CERT_HAS_EXPIRED: expired,
  CERT_NOT_YET_VALID: expired,
  ERR_TLS_CERT_ALTNAME_INVALID: ({ host }) => [
    "certificate_name",
    `The broker's certificate is for another name than ${host}`,
    "Use a name that it has as host, or give that name as the server name.",
  ],
  ERR_SSL_WRONG_VERSION_NUMBER: (ending) => noTls(ending),
  ERR_SSL_PACKET_LENGTH_TOO_LONG: (ending) => noTls(ending),
};

const noTls: Words = (ending) => [
  "no_tls",
  `What answers at ${place(ending)} does not speak TLS`,
  "Choose the broker's TLS port (often 8883), or the protocol without TLS.",
];
const ownCertificate: Words = ({ error }) => [
  "client_certificate",
  `The broker does not take the hub's certificate, or asks for one (${error?.code})`,
  "Give a certificate with its key that an authority of the broker has signed.",
];
const notMqtt: Words = (ending) => [
  "not_mqtt",
  `What answers at ${place(ending)} does not speak MQTT${ending.error ? ` (${ending.error.message})` : ""}`,
  `Check port and protocol${ending.isTls ? "" : "; the port may want TLS"}; for WebSockets check the path too.`,
];

/** The problem that an attempt or a connection ended with. */
export function problemOf(ending: Ending): BrokerProblem {
  const [code, message, hint] = wordsFor(ending)(ending);
  return { code, message, hint };
}

function wordsFor(ending: Ending): Words {
  const { error, isTimeout, wasConnected } = ending;
  const code = error?.code;
  if (typeof code === "number") return byReason[code] ?? (wasConnected ? lost : busy);
  if (isTimeout) return timeout;
  if (code !== undefined && Object.hasOwn(byCode, code)) return byCode[code] as Words;
  // What the broker's alerts say of the hub's certificate, such as ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED.
  if (/^ERR_SSL_.*ALERT/.test(code ?? "")) return ownCertificate;
  if (/^(DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|CERT_|INVALID_CA|ERR_TLS_CERT)/.test(code ?? "")) return certificate;
  if (/^(ERR_OSSL|ERR_SSL|ERR_TLS|ERR_CRYPTO)/.test(code ?? "")) return wasConnected ? lost : noTls;
  if (wasConnected) return lost;
  return ending.isTls && !ending.isSecured ? noTls : notMqtt;
}

const timeout: Words = (ending) => [
  "timeout",
  `Nothing at ${place(ending)} answered in time`,
  `Check address, port and protocol${ending.isTls ? "" : "; the port may want TLS"}.`,
];
const lost: Words = ({ error }) => [
  "lost",
  `The connection to the broker was lost${error ? ` (${error.message})` : ""}`,
  "Nothing needs to be done if it comes back; else look at the broker, and at the network between.",
];

/** Settings that look right, but cannot be used, such as a certificate that is none. */
export function settingsProblem(message: string, hint: string): BrokerProblem {
  return { code: "settings", message, hint };
}

/** The hub was told to listen to itself. */
export const selfProblem: BrokerProblem = {
  code: "self",
  message: "This is the hub's own broker: it would hear everything twice",
  hint: "Give the address of the other broker, or remove this one: meters of the hub's own broker are heard anyway.",
};

export const tooLargeProblem: BrokerProblem = toProblem(tooLarge);

/** It sends what nobody asked for [MQTT-3.8.4-6]. */
export const qosProblem: BrokerProblem = {
  code: "qos",
  message: "The broker sends messages of QoS 2, which the hub never asks for",
  hint: "Update the broker, or choose another client id to be free of an old session there.",
};

export const storeProblem: BrokerProblem = {
  code: "store",
  message: "The hub could not store a message, so it stopped listening for a moment",
  hint: "Look at the hub's other notices: its disk may be full.",
};

/** The broker's access rules keep some topics from the hub. */
export function refusedTopicsProblem(filters: readonly string[]): BrokerProblem {
  const shown = filters.slice(0, 5).join(", ");
  return {
    code: "topics_refused",
    message: `The broker does not let the hub hear ${shown}${filters.length > 5 ? " and others" : ""}`,
    hint: "Let its user read them in the broker's access rules, or remove the filters.",
  };
}

function toProblem(words: Words): BrokerProblem {
  const [code, message, hint] = words({} as Ending);
  return { code, message, hint };
}
