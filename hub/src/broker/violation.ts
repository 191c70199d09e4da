/** A client breaks MQTT 3.1.1: its connection is closed without a word [MQTT-4.8.0-1]. */
export class ProtocolViolation extends Error {}
