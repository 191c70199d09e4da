/** How to set a device up, by dialect, with the hub's address and the device's credential filled in. */

export interface CardInput {
  dialect: string | null;
  /** Address of the hub on the home's network: few devices look up .local names. */
  host: string;
  port: number;
  username: string;
  password: string;
  homeId: string;
}

export interface Card {
  dialect: string;
  values: { field: string; value: string }[];
  snippet: { language: "console" | "yaml" | "cpp" | "shell"; text: string } | null;
}

/** The dialects that have a card of their own; others get `other`. */
const cards: Record<string, (input: CardInput) => Pick<Card, "values" | "snippet">> = {
  tasmota: (input) => ({
    values: formOf(input),
    snippet: {
      language: "console",
      text:
        `Backlog SetOption3 1; MqttHost ${input.host}; MqttPort ${input.port}; MqttUser ${input.username}; ` +
        `MqttPassword ${input.password}; TelePeriod 10; SetOption52 1`,
    },
  }),
  "shelly-gen2": (input) => ({
    values: [
      { field: "server", value: `${input.host}:${input.port}` },
      { field: "user", value: input.username },
      { field: "password", value: input.password },
    ],
    snippet: { language: "shell", text: shellyGen2Command(input) },
  }),
  "shelly-gen1": (input) => ({
    values: [
      { field: "server", value: `${input.host}:${input.port}` },
      { field: "user", value: input.username },
      { field: "password", value: input.password },
    ],
    snippet: {
      language: "shell",
      text:
        `curl "http://SHELLY/settings?mqtt_enable=true&mqtt_server=${input.host}:${input.port}` +
        `&mqtt_user=${input.username}&mqtt_pass=${input.password}&mqtt_update_period=10"`,
    },
  }),
  esphome: (input) => ({
    values: formOf(input),
    snippet: {
      language: "yaml",
      text: [
        "mqtt:",
        `  broker: ${input.host}`,
        `  port: ${input.port}`,
        `  username: ${input.username}`,
        `  password: ${input.password}`,
        "  discovery: true",
      ].join("\n"),
    },
  }),
  zigbee2mqtt: (input) => ({
    values: formOf(input),
    snippet: {
      language: "yaml",
      text: [
        "mqtt:",
        "  base_topic: zigbee2mqtt",
        `  server: mqtt://${input.host}:${input.port}`,
        `  user: ${input.username}`,
        `  password: ${input.password}`,
      ].join("\n"),
    },
  }),
  customer: (input) => ({
    values: [...formOf(input), { field: "topic", value: `home/${input.homeId}/device/${input.username}/telemetry` }],
    snippet: {
      language: "cpp",
      text: [
        `constexpr char kMqttHost[] = "${input.host}";`,
        `constexpr int kMqttPort = ${input.port};`,
        `constexpr char kMqttUser[] = "${input.username}";`,
        `constexpr char kMqttPassword[] = "${input.password}";`,
        `constexpr char kTopic[] = "home/${input.homeId}/device/${input.username}/telemetry";`,
        '// client.publish(kTopic, "{\\"w\\":1250,\\"v\\":220.5,\\"a\\":5.67,\\"pf\\":0.95}");',
      ].join("\n"),
    },
  }),
};

/** The card of a dialect. */
export function setupCard(input: CardInput): Card {
  const dialect = input.dialect !== null && Object.hasOwn(cards, input.dialect) ? input.dialect : "other";
  const own = cards[dialect]?.(input) ?? { values: formOf(input), snippet: otherSnippet(input) };
  return { dialect, ...own };
}

function formOf({ host, port, username, password }: CardInput): Card["values"] {
  return [
    { field: "host", value: host },
    { field: "port", value: String(port) },
    { field: "user", value: username },
    { field: "password", value: password },
  ];
}

function shellyGen2Command({ host, port, username, password }: CardInput): string {
  const config = {
    ...{ enable: true, server: `${host}:${port}`, user: username, pass: password },
    ...{ rpc_ntf: true, status_ntf: true },
  };
  return `curl http://SHELLY/rpc/Mqtt.SetConfig -d '${JSON.stringify({ config })}' && curl http://SHELLY/rpc/Shelly.Reboot`;
}

function otherSnippet({ host, port, username, password, homeId }: CardInput): Card["snippet"] {
  const topic = `home/${homeId}/device/${username}/telemetry`;
  const text = `mosquitto_pub -h ${host} -p ${port} -u ${username} -P ${password} -t ${topic} -m '{"w":1250}'`;
  return { language: "shell", text };
}
