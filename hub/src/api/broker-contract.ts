/** The API's shapes of brokers that the home has beside the hub's own, and that the hub listens on too. */
import { type Static, Type } from "typebox";

const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const TimeMs = Type.Number({ description: "Epoch milliseconds, UTC" });
const closed = { additionalProperties: false };
/** An RSA key of 4096 bits takes 3.3 KB, a chain of three certificates 6 KB. */
const Pem = (description: string) => nullable(Type.String({ maxLength: 16_384, description }));

export const TopicFilter = Type.Object(
  {
    filter: Type.String({ minLength: 1, maxLength: 256, description: "Such as tele/# or +/status/#" }),
    qos: Type.Union([Type.Literal(0), Type.Literal(1)]),
  },
  closed,
);
export type TopicFilter = Static<typeof TopicFilter>;

const settings = {
  name: Type.String({ minLength: 1, maxLength: 64, pattern: "\\S", description: "What people call it" }),
  isOn: Type.Boolean({ description: "false: the settings are kept, but the hub does not connect" }),
  protocol: Type.Union([Type.Literal("mqtt"), Type.Literal("mqtts"), Type.Literal("ws"), Type.Literal("wss")]),
  host: Type.String({ minLength: 1, maxLength: 253, pattern: "^[\\w.:-]+$", description: "A name or an address" }),
  port: Type.Integer({ minimum: 1, maximum: 65_535, description: "By default 1883, 8883, 8083 or 8084" }),
  path: Type.String({ maxLength: 200, pattern: "^/[!-~]*$", description: "For ws and wss; by default /mqtt" }),
  version: Type.Union([Type.Literal("3.1.1"), Type.Literal("5")], { description: "Of MQTT" }),
  username: nullable(Type.String({ minLength: 1, maxLength: 256 })),
  caPem: Pem("The authority that signed the broker's certificate, when it is none of the well-known ones"),
  caFile: nullable(
    Type.String({ minLength: 1, maxLength: 1_024, description: "The same as a file (PEM) on the hub's machine" }),
  ),
  serverName: nullable(
    Type.String({ maxLength: 253, pattern: "^[\\w.-]+$", description: "The name in its certificate, when not `host`" }),
  ),
  certificatePem: Pem("The hub's own certificate, for a broker that asks for one; its key is `keyPem`"),
  clientId: nullable(
    Type.String({ maxLength: 64, pattern: "^[!-~]+$", description: "null: one that stays the same for this hub" }),
  ),
  filters: Type.Array(TopicFilter, {
    maxItems: 100,
    description: "Empty: those of the known dialects, `defaultFilters`. One # hears everything",
  }),
  isPersistent: Type.Boolean({ description: "The broker keeps messages of QoS 1 while the hub is away" }),
  keepAliveS: Type.Integer({ minimum: 30, maximum: 60 }),
};

/** The settings of an external broker, without its secrets. */
export const BrokerSettings = Type.Object(settings, closed);
export type BrokerSettings = Static<typeof BrokerSettings>;

/** Settings as a person sends them: what is left out takes its default. Secrets that are left out stay as they were. */
export const BrokerChange = Type.Object(
  {
    ...Type.Partial(Type.Object(settings)).properties,
    host: settings.host,
    password: Type.Optional(nullable(Type.String({ minLength: 1, maxLength: 1_024, description: "null removes it" }))),
    keyPem: Type.Optional(nullable(Type.String({ minLength: 1, maxLength: 16_384, description: "null removes it" }))),
  },
  closed,
);
export type BrokerChange = Static<typeof BrokerChange>;

export const BrokerProblem = Type.Object({
  code: Type.Union([
    Type.Literal("settings"),
    Type.Literal("unknown_host"),
    Type.Literal("unreachable"),
    Type.Literal("timeout"),
    Type.Literal("not_mqtt"),
    Type.Literal("lost"),
    Type.Literal("protocol_version"),
    Type.Literal("credentials"),
    Type.Literal("not_allowed"),
    Type.Literal("client_id"),
    Type.Literal("taken_over"),
    Type.Literal("busy"),
    Type.Literal("certificate"),
    Type.Literal("certificate_name"),
    Type.Literal("client_certificate"),
    Type.Literal("no_tls"),
    Type.Literal("self"),
    Type.Literal("topics_refused"),
    Type.Literal("too_large"),
    Type.Literal("qos"),
    Type.Literal("store"),
  ]),
  message: Type.String(),
  hint: Type.String({ description: "What to do about it" }),
});
export type BrokerProblem = Static<typeof BrokerProblem>;

export const BrokerState = Type.Object({
  isConnected: Type.Boolean(),
  sinceMs: nullable(Type.Number({ description: "When it was connected or lost; epoch milliseconds, null: never yet" })),
  problem: nullable(BrokerProblem),
  attempts: Type.Integer({ description: "That failed since it was last connected" }),
  nextAttemptMs: nullable(TimeMs),
  messages: Type.Integer({ description: "Heard since the hub started" }),
  repeated: Type.Integer({ description: "Of those, dropped because another broker had brought them" }),
  dropped: Type.Integer({ description: "Of those, too large, or on topics that were not asked for" }),
});
export type BrokerState = Static<typeof BrokerState>;

export const ExternalBroker = Type.Object({
  id: Type.String(),
  ...settings,
  clientIdInUse: Type.String(),
  hasPassword: Type.Boolean(),
  hasKey: Type.Boolean(),
  state: BrokerState,
});
export type ExternalBroker = Static<typeof ExternalBroker>;

export const ExternalBrokers = Type.Object({
  brokers: Type.Array(ExternalBroker),
  most: Type.Integer({ description: "So many the hub takes" }),
  defaultFilters: Type.Array(TopicFilter),
});
export type ExternalBrokers = Static<typeof ExternalBrokers>;

/** What a broker turned out to be. */
export const BrokerTest = Type.Object({
  isConnected: Type.Boolean(),
  problem: nullable(BrokerProblem),
  messages: Type.Integer({ description: "Heard in the seconds that the hub listened" }),
  topics: Type.Integer({ description: "On so many topics; at most 10,000 are counted" }),
  dialects: Type.Array(
    Type.Object({
      dialect: Type.String(),
      title: Type.String({ description: "The devices that speak it" }),
      topics: Type.Integer(),
    }),
    { description: "What was understood, most topics first" },
  ),
  unknownTopics: Type.Integer({ description: "Topics that no driver knows" }),
});
export type BrokerTest = Static<typeof BrokerTest>;
