#pragma once
#include <freertos/FreeRTOS.h>
#include <freertos/queue.h>
#include <mqtt_client.h>

#include "backoff.h"
#include "outbox.h"
#include "payload.h"

/** A command as it came; longer ones are cut off and then refused as broken JSON. */
struct CommandMessage {
  char kind[16];
  char payload[384];
  size_t size;
};

/**
 * The connection to the hub's broker. ESP-MQTT calls from a task of its own: what it says goes through queues, and
 * everything here runs in the caller's.
 */
class HubLink final : public faiban::Publisher {
 public:
  explicit HubLink(const faiban::MeterIdentity& meter) : meter_(meter) {}

  void begin();

  /** Connects, and ends what has failed; often. `isOnline` is whether there is a network. */
  void poll(uint32_t nowMs, bool isOnline);

  bool isConnected() const { return state_ == State::connected; }

  /** The next number of a message that has arrived; 0 when there is none. */
  int takeAcknowledgement();
  bool takeCommand(CommandMessage& command);

  int publish(const faiban::Reading& reading, const int64_t* epochMs) override;
  /** On `home/{home}/device/{device}/{leaf}`, QoS 1. */
  bool publishText(const char* leaf, const char* payload, bool isRetained);

 private:
  enum class State : uint8_t { idle, connecting, connected };
  enum class Event : uint8_t { connected, disconnected };

  static void onEvent(void* self, esp_event_base_t base, int32_t id, void* data);
  void connect(uint32_t nowMs);
  void disconnect(uint32_t nowMs);
  void greet();
  void queueCommand(const esp_mqtt_event_t& event);

  const faiban::MeterIdentity& meter_;
  esp_mqtt_client_handle_t client_ = nullptr;
  State state_ = State::idle;
  faiban::Backoff backoff_{1'000, 60'000};
  uint32_t retryMs_ = 0;  // when to connect
  char statusTopic_[faiban::maxTopicBytes];
  QueueHandle_t events_ = nullptr;
  QueueHandle_t acknowledgements_ = nullptr;
  QueueHandle_t commands_ = nullptr;
};
