#pragma once
#include <cstdint>

/**
 * Copy this file to settings.h, which stays out of the repository, and fill it in. In the app, Meters, Add a device
 * makes a credential and shows the lines from kMqttHost to kMqttPassword; the user's name is the meter's id.
 */

constexpr char kWifiName[] = "my network";
constexpr char kWifiPassword[] = "secret";

constexpr char kMqttHost[] = "192.168.1.10";
constexpr int kMqttPort = 8883;  // 1883 without encryption
constexpr char kMqttUser[] = "meter-1";
constexpr char kMqttPassword[] = "secret";
constexpr char kHomeId[] = "home";

/** The hub's own name, which its certificate has. */
constexpr char kHubName[] = "faiban-1a2b.local";

/** "Faiban Devices", the authority that the hub's certificate is checked by; empty for port 1883. */
constexpr char kHubAuthority[] = R"(-----BEGIN CERTIFICATE-----
-----END CERTIFICATE-----
)";

/** Where firmware comes from; 0 for never. */
constexpr int kHubHttpsPort = 8443;

/** Asked for the time, both. A router often answers, also when there is no internet. */
constexpr char kTimeServer1[] = "pool.ntp.org";
constexpr char kTimeServer2[] = "192.168.1.1";

/** How often to measure; `config` changes it later. */
constexpr uint32_t kIntervalMs = 5'000;

// PZEM-004T v3: the first address is the supply, each further one a circuit. 0xf8 is a single module of any address.
constexpr int kPzemRxPin = 16;
constexpr int kPzemTxPin = 17;
constexpr uint8_t kPzemAddresses[] = {0xf8};
constexpr const char* kCircuits[] = {"circuit-1"};

// Clamp and voltage transformer: pins of ADC1 (32 to 39), and what one count of the converter is worth.
constexpr int kVoltagePin = 34;
constexpr int kCurrentPin = 35;
constexpr float kVoltsPerCount = 0.34F;
constexpr float kAmpsPerCount = 0.024F;

// Pulses: the meter says how many it gives a kWh.
constexpr int kPulsePin = 27;
constexpr uint32_t kPulsesPerKwh = 1'000;
