#include "hub-link.h"

#include <esp_random.h>

#include <cstring>

#include "settings.h"

namespace {

constexpr int keepAliveS = 45;
constexpr bool isEncrypted = sizeof kHubAuthority > 1;

/** Every slot of the outbox can be answered at once. */
constexpr int acknowledgementRoom = 2 * (faiban::Outbox::liveSlots + faiban::Outbox::batchSlots);

}  // namespace

void HubLink::begin() {
  faiban::TextWriter topic(statusTopic_, sizeof statusTopic_);
  faiban::writeDeviceTopic(meter_, "status", topic);
  events_ = xQueueCreate(4, sizeof(Event));
  acknowledgements_ = xQueueCreate(acknowledgementRoom, sizeof(int));
  commands_ = xQueueCreate(2, sizeof(CommandMessage));
}

void HubLink::poll(uint32_t nowMs, bool isOnline) {
  for (Event event; xQueueReceive(events_, &event, 0) == pdTRUE;) {
    if (event == Event::disconnected) disconnect(nowMs);
    else if (state_ == State::connecting) greet();
  }
  if (!isOnline && state_ != State::idle) disconnect(nowMs);
  if (isOnline && state_ == State::idle && static_cast<int32_t>(nowMs - retryMs_) >= 0) connect(nowMs);
}

void HubLink::connect(uint32_t nowMs) {
  esp_mqtt_client_config_t config = {};
  config.broker.address.hostname = kMqttHost;
  config.broker.address.port = kMqttPort;
  config.broker.address.transport = isEncrypted ? MQTT_TRANSPORT_OVER_SSL : MQTT_TRANSPORT_OVER_TCP;
  if (isEncrypted) {
    config.broker.verification.certificate = kHubAuthority;
    config.broker.verification.common_name = kHubName;  // the address may change, the name does not
  }
  config.credentials.client_id = kMqttUser;
  config.credentials.username = kMqttUser;
  config.credentials.authentication.password = kMqttPassword;
  config.session.keepalive = keepAliveS;
  config.session.last_will = {statusTopic_, "offline", 0, 1, 1};
  config.network.disable_auto_reconnect = true;  // the waiting here has chance in it, and a new client an empty outbox
  config.buffer.size = faiban::maxPayloadBytes + faiban::maxTopicBytes;
  config.outbox.limit = 16 * 1024;
  config.task.stack_size = 8 * 1024;
  client_ = esp_mqtt_client_init(&config);
  state_ = State::connecting;
  if (client_ == nullptr) return disconnect(nowMs);
  esp_mqtt_client_register_event(client_, MQTT_EVENT_ANY, onEvent, this);
  if (esp_mqtt_client_start(client_) != ESP_OK) disconnect(nowMs);
}

void HubLink::disconnect(uint32_t nowMs) {
  if (state_ == State::idle) return;
  state_ = State::idle;
  if (client_ != nullptr) esp_mqtt_client_destroy(client_);
  client_ = nullptr;
  xQueueReset(events_);
  xQueueReset(acknowledgements_);
  retryMs_ = nowMs + backoff_.nextMs(esp_random());
}

/** The birth, and the commands. */
void HubLink::greet() {
  state_ = State::connected;
  backoff_.reset();
  char filter[faiban::maxTopicBytes];
  faiban::TextWriter writer(filter, sizeof filter);
  faiban::writeCommandFilter(meter_, writer);
  esp_mqtt_client_subscribe(client_, filter, 1);
  esp_mqtt_client_publish(client_, statusTopic_, "online", 0, 1, 1);
}

int HubLink::takeAcknowledgement() {
  int message = 0;
  return xQueueReceive(acknowledgements_, &message, 0) == pdTRUE ? message : 0;
}

bool HubLink::takeCommand(CommandMessage& command) { return xQueueReceive(commands_, &command, 0) == pdTRUE; }

int HubLink::publish(const faiban::Reading& reading, const int64_t* epochMs) {
  if (!isConnected()) return 0;
  char topic[faiban::maxTopicBytes];
  char payload[faiban::maxPayloadBytes];
  faiban::TextWriter topicWriter(topic, sizeof topic);
  faiban::TextWriter payloadWriter(payload, sizeof payload);
  if (!faiban::writeReadingTopic(meter_, reading.input, topicWriter)) return 0;
  if (!faiban::writeReading(meter_, reading, epochMs, payloadWriter)) return 0;
  return esp_mqtt_client_publish(client_, topic, payload, static_cast<int>(payloadWriter.text().size), 1, 0);
}

bool HubLink::publishText(const char* leaf, const char* payload, bool isRetained) {
  if (!isConnected()) return false;
  char topic[faiban::maxTopicBytes];
  faiban::TextWriter writer(topic, sizeof topic);
  faiban::writeDeviceTopic(meter_, leaf, writer);
  return esp_mqtt_client_publish(client_, topic, payload, 0, 1, isRetained ? 1 : 0) > 0;
}

/** In the task of ESP-MQTT. */
void HubLink::onEvent(void* self, esp_event_base_t, int32_t id, void* data) {
  auto& link = *static_cast<HubLink*>(self);
  const auto& event = *static_cast<esp_mqtt_event_t*>(data);
  const Event connected = Event::connected;
  const Event disconnected = Event::disconnected;
  switch (id) {
    case MQTT_EVENT_CONNECTED: xQueueSend(link.events_, &connected, 0); break;
    case MQTT_EVENT_DISCONNECTED: xQueueSend(link.events_, &disconnected, 0); break;
    case MQTT_EVENT_PUBLISHED: xQueueSend(link.acknowledgements_, &event.msg_id, 0); break;
    case MQTT_EVENT_DATA: link.queueCommand(event); break;
    default: break;
  }
}

/**
 * One that is longer than the buffer comes in parts: its first part is refused by the parser, the others are passed
 * over.
 */
void HubLink::queueCommand(const esp_mqtt_event_t& event) {
  if (event.topic == nullptr || event.topic_len <= 0 || event.current_data_offset != 0 || event.retain) return;
  const char* level = event.topic + event.topic_len;
  while (level > event.topic && level[-1] != '/') level--;
  const faiban::Text kind{level, static_cast<size_t>(event.topic + event.topic_len - level)};
  CommandMessage command = {};
  if (!kind.copyTo(command.kind, sizeof command.kind)) return;
  command.size = static_cast<size_t>(event.data_len);
  if (command.size > sizeof command.payload) command.size = sizeof command.payload;
  memcpy(command.payload, event.data, command.size);
  xQueueSend(commands_, &command, 0);
}
