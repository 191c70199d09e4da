/** A Tasmota switch with energy metering, TelePeriod 10, SetOption52 1 (the time carries its UTC offset). */

import { type ApplianceMeter, changedMuch, json, measure, wantedState } from "./appliance.ts";
import { type Device, isMinute, kwh, type OutMessage, round, type View } from "./device.ts";

const telePeriodS = 10;
const counter = { qos: 1, retain: true } as const;

export function createTasmota({ load, name, mac, slot, home }: ApplianceMeter): Device {
  const topic = load;
  const { calendar, sinceMs } = home.home;
  const startTime = calendar.localText(sinceMs).slice(0, 19);
  let sentW = 0;
  let sentWh: number | undefined;

  function energy(view: View) {
    const { powerW, apparentVa, reactiveVar, powerFactor, voltageV, currentA } = measure(load, view);
    const totalWh = view.registers.loadsWh[load];
    const midnightWh = view.midnight.loadsWh[load];
    const periodWh = totalWh - (sentWh ?? totalWh);
    return {
      TotalStartTime: startTime,
      Total: kwh(totalWh),
      Yesterday: kwh(midnightWh - view.yesterday.loadsWh[load]),
      Today: kwh(totalWh - midnightWh),
      Period: Math.max(0, Math.round(periodWh)),
      Power: round(powerW, powerW < 10 ? 1 : 0),
      ApparentPower: round(apparentVa, 0),
      ReactivePower: round(reactiveVar, 0),
      Factor: round(powerFactor, 2),
      Voltage: round(voltageV, 0),
      Current: round(currentA, 3),
    };
  }

  function sensor(view: View, delivery?: Partial<OutMessage>): OutMessage {
    const payload = { Time: calendar.localText(view.timeMs), ENERGY: energy(view) };
    sentW = view.moment.loadsW[load];
    sentWh = view.registers.loadsWh[load];
    return json(`tele/${topic}/SENSOR`, payload, delivery);
  }

  function brief(view: View): OutMessage {
    const { Total, Power } = energy(view);
    return json(
      `tele/${topic}/SENSOR`,
      { Time: calendar.localText(view.timeMs), ENERGY: { Total, Power } },
      { qos: 1 },
    );
  }

  const power = () => (home.isOn(load) ? "ON" : "OFF");

  function state(view: View): OutMessage {
    const uptimeS = Math.floor((view.timeMs - sinceMs) / 1000);
    return json(`tele/${topic}/STATE`, {
      Time: calendar.localText(view.timeMs),
      Uptime: uptimeText(uptimeS),
      UptimeSec: uptimeS,
      Heap: 24,
      SleepMode: "Dynamic",
      Sleep: 50,
      LoadAvg: 19,
      MqttCount: 1,
      POWER: power(),
      Wifi: { AP: 1, SSId: "Baan", Channel: 6, Mode: "11n", RSSI: 76, Signal: -62, LinkCount: 1 },
    });
  }

  function obey(commandTopic: string, payload: string, view: View): OutMessage[] {
    const command = commandTopic.split("/").at(-1)?.toUpperCase() ?? "";
    if (command === "STATUS" && payload.trim() === "8") {
      const report = { Time: calendar.localText(view.timeMs), ENERGY: energy(view) };
      return [json(`stat/${topic}/STATUS8`, { StatusSNS: report })];
    }
    if (command !== "POWER" && command !== "POWER1") return [json(`stat/${topic}/RESULT`, { Command: "Unknown" })];
    // An empty payload asks for the state; one that is no state is answered the same way.
    const wanted = wantedState(payload, home.isOn(load));
    if (wanted !== undefined) home.switch(load, wanted, view.timeMs);
    return [
      json(`stat/${topic}/RESULT`, { POWER: power() }),
      { topic: `stat/${topic}/POWER`, payload: power(), qos: 0, retain: false },
    ];
  }

  return {
    clientId: `DVES_${mac.slice(-6)}`,
    will: { topic: `tele/${topic}/LWT`, payload: "Offline", qos: 1, retain: true },
    birth: (view) => [
      json(`tasmota/discovery/${mac}/config`, discovery({ topic, name, mac, slot }), counter),
      json(
        `tasmota/discovery/${mac}/sensors`,
        { sn: { Time: calendar.localText(view.timeMs), ENERGY: energy(view) }, ver: 1 },
        counter,
      ),
      { topic: `tele/${topic}/LWT`, payload: "Online", qos: 1, retain: true },
      state(view),
    ],
    coarseStepMs: 3_600_000,
    history: (view, isBrief) => [isBrief ? brief(view) : sensor(view, { qos: 1 })],
    tick(view) {
      const due = Math.floor(view.timeMs / 1000) % telePeriodS === slot % telePeriodS;
      if (due) return [state(view), sensor(view, isMinute(view.timeMs, slot) ? counter : {})];
      // PowerDelta: a step is told at once.
      return changedMuch(sentW, view.moment.loadsW[load], { share: 0.2, leastW: 10 }) ? [sensor(view)] : [];
    },
    commands: [`cmnd/${topic}/#`],
    obey,
  };
}

function discovery({ topic, name, mac, slot }: Pick<ApplianceMeter, "name" | "mac" | "slot"> & { topic: string }) {
  return {
    ip: `192.168.1.${40 + slot}`,
    dn: name,
    fn: [name, null, null, null, null, null, null, null],
    hn: `tasmota-${mac.slice(-6)}`,
    mac,
    md: "Sonoff POW R3",
    ty: 0,
    if: 0,
    ofln: "Offline",
    onln: "Online",
    state: ["OFF", "ON", "TOGGLE", "HOLD"],
    sw: "14.4.1",
    t: topic,
    ft: "%prefix%/%topic%/",
    tp: ["cmnd", "stat", "tele"],
    rl: [1, 0, 0, 0, 0, 0, 0, 0],
    swc: [-1, -1, -1, -1],
    swn: [null, null, null, null],
    btn: [0, 0, 0, 0],
    so: { "4": 0, "11": 0, "13": 0, "17": 0, "20": 0, "30": 0, "68": 0, "73": 0, "82": 0, "114": 0, "117": 0 },
    lk: 0,
    lt_st: 0,
    bat: 0,
    dslp: 0,
    sho: [],
    ver: 1,
  };
}

/** As `12T03:04:05`: days, then the clock. */
function uptimeText(seconds: number): string {
  const clock = new Date((seconds % 86_400) * 1000).toISOString().slice(11, 19);
  return `${Math.floor(seconds / 86_400)}T${clock}`;
}
