#pragma once
#include <cstdint>

/**
 * `node sign.ts keys FOLDER` makes firmware-key.h with your own key; copy it here. With this key of zeros, which nobody
 * can sign with, no firmware is ever installed over the air.
 */
constexpr uint8_t firmwarePublicKey[32] = {};
