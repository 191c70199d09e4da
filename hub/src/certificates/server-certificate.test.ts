import { X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import { openAuthority } from "./authority.ts";
import { memorySecrets, quietLog, settableClock } from "./harness.ts";
import { openServerCertificate } from "./server-certificate.ts";
import { dayMs } from "./validity.ts";

function open({ secrets = memorySecrets(), clock = settableClock() } = {}) {
  const log = quietLog();
  const lan = { names: ["faiban-1a2b.local"], addresses: ["192.168.1.5", "fd12::5"] };
  const authority = openAuthority({ kind: "home", secrets, clock, log });
  const held = openServerCertificate({
    ...{ authority, secret: "web", secrets, clock, log },
    names: () => lan.names,
    addresses: () => lan.addresses,
  });
  const certificate = () => new X509Certificate(held.current().cert);
  return { ...held, lan, clock, secrets, authority, certificate, log };
}

const lifeMs = (certificate: X509Certificate) =>
  certificate.validToDate.getTime() - certificate.validFromDate.getTime();

describe("the hub's certificate as a server", () => {
  test("is for its names and addresses, serves servers only, and lives less than 398 days", () => {
    const { certificate, authority } = open();
    expect(certificate().subjectAltName).toBe(
      "DNS:faiban-1a2b.local, IP Address:192.168.1.5, IP Address:FD12:0:0:0:0:0:0:5",
    );
    expect(certificate().keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
    expect(certificate().ca).toBe(false);
    expect(lifeMs(certificate())).toBeLessThan(398 * dayMs);
    expect(authority.hasSigned(certificate())).toBe(true);
  });

  test("has a serial of 128 random bits", () => {
    const serials = Array.from({ length: 40 }, () => open().certificate().serialNumber);
    expect(new Set(serials).size).toBe(40);
    expect(Math.max(...serials.map((serial) => serial.length))).toBe(32);
    expect(serials.some((serial) => /^[89A-F]/.test(serial))).toBe(true);
  });

  test("stays the same over a restart and while nothing changes", () => {
    const { secrets, certificate, check } = open();
    expect(check()).toBe(false);
    expect(open({ secrets }).certificate().serialNumber).toBe(certificate().serialNumber);
  });

  test("is made anew for a new address and a new name, not for one that went", () => {
    const { lan, check, certificate } = open();
    lan.addresses = ["192.168.1.5"];
    expect(check()).toBe(false);
    lan.addresses = ["192.168.1.77"];
    expect(check()).toBe(true);
    expect(certificate().checkIP("192.168.1.77")).toBeDefined();
    expect(certificate().checkIP("192.168.1.5")).toBeUndefined();
    lan.names = ["faiban-1a2b-2.local", "hub.home.arpa"];
    expect(check()).toBe(true);
    expect(check()).toBe(false);
    expect(certificate().subjectAltName).toContain("DNS:faiban-1a2b-2.local, DNS:hub.home.arpa");
  });

  test("leaves out public addresses, which would void it, and all beyond sixteen", () => {
    const { lan, check, certificate } = open();
    lan.addresses = ["8.8.8.8", "2001:db8::1", ...Array.from({ length: 300 }, (_, i) => `10.0.${i >> 8}.${i & 255}`)];
    expect(check()).toBe(true);
    expect(check()).toBe(false);
    expect(certificate().subjectAltName?.match(/IP Address:10\./g)).toHaveLength(16);
    expect(certificate().subjectAltName).not.toContain("8.8.8.8");
  });

  test.each(["hub.example.com", "hub", "*.local", "a b.local", "-.local", "10.0.0.1"])(
    "leaves out %s, which is no name of a home",
    (name) => {
      const { lan, check, certificate } = open();
      lan.names = [...lan.names, name, "Hub.home.arpa"];
      expect(check()).toBe(true);
      expect(check()).toBe(false);
      expect(certificate().subjectAltName).toMatch(/^DNS:faiban-1a2b\.local, DNS:hub\.home\.arpa, IP/);
    },
  );

  test("is made anew once two thirds of its life are over", () => {
    const { clock, check } = open();
    clock.timeMs += 260 * dayMs;
    expect(check()).toBe(false);
    clock.timeMs += 5 * dayMs;
    expect(check()).toBe(true);
    expect(check()).toBe(false);
  });

  test("made while the time is not known reaches far back, and is made anew when the time turns out later or earlier", () => {
    const clock = settableClock(Date.UTC(2026, 5, 1));
    clock.isKnown = false;
    const later = open({ clock });
    expect(later.certificate().validFromDate.getTime()).toBe(Date.UTC(2026, 4, 2));
    expect(lifeMs(later.certificate())).toBeLessThan(398 * dayMs);
    clock.isKnown = true;
    clock.timeMs = Date.UTC(2028, 0, 1);
    expect(later.check()).toBe(true);
    clock.timeMs = Date.UTC(2027, 0, 1);
    expect(later.check()).toBe(true);
    expect(later.certificate().validFromDate.getTime()).toBe(Date.UTC(2026, 11, 31));
  });

  test("is made anew when its authority is another one", () => {
    const { secrets, certificate } = open();
    secrets.all.delete("home-authority");
    expect(open({ secrets }).certificate().serialNumber).not.toBe(certificate().serialNumber);
  });

  test("that is damaged is replaced, since nobody had to trust it by hand", () => {
    const { secrets } = open();
    secrets.save("web", Buffer.from("junk"));
    const { certificate, log } = open({ secrets });
    expect(certificate().checkHost("faiban-1a2b.local")).toBeDefined();
    expect(log.lines.join()).toContain("web is damaged");
  });
});
