import { expect, test } from "vitest";
import { addressForOthers, fingerprintLines, platformOf } from "./platform.ts";

const mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15";

test.each([
  ["Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1", 5, "ios"],
  [mac, 5, "ios"],
  [mac, 0, "macos"],
  ["Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", 5, "android"],
  ["Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0", 5, "android"],
  ["Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", 0, "windows"],
  ["Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", 0, "firefox"],
  ["Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", 0, "firefox"],
])("%s with %i touch points is %s", (userAgent, touchPoints, platform) => {
  expect(platformOf(userAgent, touchPoints)).toBe(platform);
});

test("a fingerprint of 32 bytes has four lines and loses none", () => {
  const fingerprint = Array.from({ length: 32 }, (_, index) => index.toString(16).padStart(2, "0")).join(":");
  const lines = fingerprintLines(fingerprint);
  expect(lines).toHaveLength(4);
  expect(lines.join(":")).toBe(fingerprint);
});

test("a phone is not sent to its own localhost", () => {
  const urls = ["https://localhost:8443/", "https://faiban-1a2b.local:8443/"];
  expect(addressForOthers("http://localhost:8080/trust", urls)).toBe("http://faiban-1a2b.local:8080/trust");
  expect(addressForOthers("http://192.168.1.9:8080/trust", urls)).toBe("http://192.168.1.9:8080/trust");
  expect(addressForOthers("http://localhost:8080/trust", [])).toBe("http://localhost:8080/trust");
});
