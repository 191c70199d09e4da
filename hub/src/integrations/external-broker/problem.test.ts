import { expect, test } from "vitest";
import { type Ending, problemOf } from "./problem.ts";

function codeOf(code: string | number | null, more: Partial<Ending> = {}): string {
  const error = code === null ? null : Object.assign(new Error("why"), { code });
  const ending = {
    error,
    wasConnected: false,
    isTimeout: false,
    host: "cellar",
    port: 1883,
    isTls: false,
    isSecured: false,
    ...more,
  };
  const problem = problemOf({ ...ending, version: "5" });
  expect(problem.message.length * problem.hint.length).toBeGreaterThan(100);
  expect(`${problem.message}${problem.hint}`).not.toMatch(/undefined|null/);
  return problem.code;
}

test("each way to fail has its own words", () => {
  expect(codeOf("ENOTFOUND")).toBe("unknown_host");
  expect(codeOf("ECONNREFUSED")).toBe("unreachable");
  expect(codeOf(null, { isTimeout: true })).toBe("timeout");
  expect(codeOf(null)).toBe("not_mqtt");
  expect(codeOf(null, { wasConnected: true })).toBe("lost");
  expect(codeOf("ECONNRESET", { wasConnected: true })).toBe("lost");
});

test("the reasons of MQTT 3.1.1 and 5 are told apart from the network's", () => {
  const reasons = [1, 2, 3, 4, 5, 132, 133, 134, 135, 142, 151];
  expect(reasons.map((reason) => codeOf(reason))).toEqual([
    ...["protocol_version", "client_id", "busy", "credentials", "not_allowed"],
    ...["protocol_version", "client_id", "credentials", "not_allowed", "taken_over", "busy"],
  ]);
  expect(codeOf(200)).toBe("busy");
  expect(codeOf(130, { wasConnected: true })).toBe("lost");
});

test("what TLS refuses says whose certificate it is", () => {
  const tls = { isTls: true };
  expect(codeOf("SELF_SIGNED_CERT_IN_CHAIN", tls)).toBe("certificate");
  expect(codeOf("DEPTH_ZERO_SELF_SIGNED_CERT", tls)).toBe("certificate");
  expect(codeOf("UNABLE_TO_VERIFY_LEAF_SIGNATURE", tls)).toBe("certificate");
  expect(codeOf("CERT_HAS_EXPIRED", tls)).toBe("certificate");
  expect(codeOf("ERR_TLS_CERT_ALTNAME_INVALID", tls)).toBe("certificate_name");
  expect(codeOf("ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", tls)).toBe("client_certificate");
  expect(codeOf("ERR_SSL_WRONG_VERSION_NUMBER", tls)).toBe("no_tls");
  expect(codeOf("ECONNRESET", tls)).toBe("no_tls");
  expect(codeOf("ECONNRESET", { isTls: true, isSecured: true })).toBe("not_mqtt");
});
