import { describe, expect, test } from "vitest";
import { placeOf } from "./places.ts";
import { deviceRights, readerRights, suiteRights } from "./topic-rights.ts";

/** Devices on one hub, whose places are remembered as the hub remembers them. */
function createDevices(mostPlaces = 64) {
  const owners = new Map<string, string>();
  return (deviceId: string) =>
    deviceRights({
      deviceId,
      ownerOf: (place) => owners.get(place) ?? null,
      claim(place) {
        if ([...owners.values()].filter((owner) => owner === deviceId).length >= mostPlaces) return false;
        owners.set(place, deviceId);
        return true;
      },
    });
}

describe("a place", () => {
  const up = (key: string) => ({ key, direction: "up" });
  const down = (key: string) => ({ key, direction: "down" });
  test.each([
    ["tele/plug-1/SENSOR", up("tasmota:plug-1")],
    ["stat/plug-1/RESULT", up("tasmota:plug-1")],
    ["cmnd/plug-1/POWER", down("tasmota:plug-1")],
    ["plug-1/tele/SENSOR", up("tasmota:plug-1")],
    ["plug-1/cmnd/POWER", down("tasmota:plug-1")],
    ["house/tele/plug-1/SENSOR", up("tasmota:house/plug-1")],
    ["house/cmnd/plug-1/POWER", down("tasmota:house/plug-1")],
    ["tasmota/discovery/AABBCCDDEEFF/config", up("tasmota/discovery/AABBCCDDEEFF")],
    ["shellyplus1pm-a8032a/events/rpc", up("shellyplus1pm-a8032a")],
    ["shellyplus1pm-a8032a/rpc", down("shellyplus1pm-a8032a")],
    ["myplug/events/rpc", up("myplug/events")],
    ["homeassistant/sensor/abc/power/config", up("homeassistant/sensor/abc")],
    ["shellies/shelly1-aa/relay/0", up("shellies/shelly1-aa")],
    ["shellies/shelly1-aa/relay/0/command", down("shellies/shelly1-aa")],
    ["home/h1/device/m1/telemetry", up("home/h1/device/m1")],
    ["home/h1/cmd/m1/reboot", down("home/h1/device/m1")],
    ["home/h1/sensor/power/total", up("home/h1/sensor/power/total")],
    ["N/abc/grid/30/Ac/Power", up("victron:abc")],
    ["R/abc/keepalive", down("victron:abc")],
    ["/go-eCharger/072246/alw", up("go-eCharger/072246")],
    ["zigbee2mqtt/kitchen plug", up("zigbee2mqtt")],
    ["house/main/kwh_total", up("house/main")],
    ["meter/voltage", up("meter/voltage")],
  ])("of %s is %o", (topic, place) => expect(placeOf(topic)).toEqual(place));

  test.each(["home/h1/system/alerts", "home/h1/device/status/all", "home/h1/cmd", "$SYS/broker/uptime"])(
    "%s is the hub's",
    (topic) => expect(placeOf(topic)).toBe("hub"),
  );
});

describe("a device", () => {
  test("publishes at its own places and hears its commands", () => {
    const plug = createDevices()("plug");
    expect(plug.mayPublish("tele/plug-1/SENSOR", false)).toBe(true);
    expect(plug.maySubscribe("cmnd/plug-1/#")).toBe(true);
    expect(plug.mayRead("cmnd/plug-1/POWER")).toBe(true);
    expect(plug.maySubscribe("cmnd/tasmotas/#")).toBe(true);
    expect(plug.mayRead("cmnd/tasmotas/STATUS")).toBe(true);
  });

  test("neither publishes nor reads at another's place", () => {
    const device = createDevices();
    device("first").mayPublish("tele/plug-1/SENSOR", false);
    const second = device("second");
    for (const topic of ["tele/plug-1/SENSOR", "stat/plug-1/RESULT", "tele/plug-1/LWT"]) {
      expect(second.mayPublish(topic, true)).toBe(false);
      expect(second.mayRead(topic)).toBe(false);
    }
    expect(second.maySubscribe("cmnd/plug-1/#")).toBe(false);
    expect(second.maySubscribe("tele/plug-1/#")).toBe(false);
  });

  test.each(["cmnd/plug-1/POWER", "home/h1/cmd/m1/reboot", "home/h1/system/alerts", "$SYS/x", "cmnd/tasmotas/POWER"])(
    "writes no command and nothing of the hub's: %s",
    (topic) => expect(createDevices()("plug").mayPublish(topic, false)).toBe(false),
  );

  test.each(["#", "+/#", "cmnd/#", "cmnd/+/POWER", "tele/+/SENSOR", "home/h1/device/+/telemetry", "home/#", "$SYS/#"])(
    "gets no filter that reaches over several devices: %s",
    (filter) => expect(createDevices()("plug").maySubscribe(filter)).toBe(false),
  );

  test("owns no more places than a device needs", () => {
    const plug = createDevices(2)("plug");
    expect(["a/b/c", "d/e/f", "g/h/i"].map((topic) => plug.mayPublish(topic, false))).toEqual([true, true, false]);
  });
});

test("a person reads the home's topics, not another home's, and writes none", () => {
  const person = readerRights("h1");
  expect(person.maySubscribe("home/h1/#")).toBe(true);
  expect(person.maySubscribe("#")).toBe(true);
  expect(person.maySubscribe("home/+/device/#")).toBe(true); // and is given only what they may read
  expect(person.maySubscribe("home/h2/#")).toBe(false);
  expect(person.mayRead("home/h2/sensor/power/total")).toBe(false);
  expect(person.mayRead("tele/plug-1/SENSOR")).toBe(true);
  expect(person.maySubscribe("$SYS/#")).toBe(false);
  expect(person.mayPublish("cmnd/plug-1/POWER", false)).toBe(false);
});

test("a conformance suite may do all but what it looks for to be refused", () => {
  expect(suiteRights.maySubscribe("test/nosubscribe")).toBe(false);
  expect(suiteRights.maySubscribe("#")).toBe(true);
});
