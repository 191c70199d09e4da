/** Shelly Gen2 devices: plugs that switch and measure, and the Pro EM whose clamp measures the car's charger. */

import { type ApplianceMeter, changedMuch, json, measure, wantedState } from "./appliance.ts";
import { type Device, isMinute, type OutMessage, round, type View } from "./device.ts";

type Components = Record<string, Record<string, unknown>>;

interface Shelly extends ApplianceMeter {
  model: string;
  /** Which components tell power and energy. */
  read(view: View, minutesMwh: readonly number[]): Components;
  /** What it tells when the power has changed. */
  change(view: View): Components;
  /** Power and energy alone. */
  brief(view: View): Components;
}

interface RpcRequest {
  id?: unknown;
  src?: unknown;
  method?: unknown;
  params?: { on?: unknown };
}

const step = { share: 0.025, leastW: 2 };

export function createShellyPlug(meter: ApplianceMeter): Device {
  const { load, home } = meter;
  const live = (view: View) => {
    const { powerW, voltageV, currentA } = measure(load, view);
    return { apower: round(powerW, 1), voltage: round(voltageV, 1), current: round(currentA, 3) };
  };
  return createShelly("shellyplusplugs", {
    ...meter,
    model: "SNPL-00112EU",
    change: (view) => ({ "switch:0": { id: 0, ...live(view) } }),
    brief: (view) => ({
      "switch:0": { id: 0, apower: live(view).apower, aenergy: { total: round(view.registers.loadsWh[load], 3) } },
    }),
    read: (view, minutesMwh) => ({
      "switch:0": {
        id: 0,
        source: "init",
        output: home.isOn(load),
        ...live(view),
        aenergy: {
          total: round(view.registers.loadsWh[load], 3),
          by_minute: minutesMwh,
          minute_ts: Math.floor(view.timeMs / 60_000) * 60,
        },
        temperature: temperature(view.moment.loadsW[load]),
      },
    }),
  });
}

export function createShellyClamp(meter: ApplianceMeter): Device {
  const { load, home } = meter;
  const clamp = (view: View) => {
    const { powerW, apparentVa, powerFactor, voltageV, currentA } = measure(load, view);
    return {
      id: 0,
      current: round(currentA, 3),
      voltage: round(voltageV, 1),
      act_power: round(powerW, 1),
      aprt_power: round(apparentVa, 1),
      pf: round(powerFactor, 2),
      freq: round(view.moment.supply.frequencyHz, 1),
      calibration: "factory",
    };
  };
  return createShelly("shellyproem50", {
    ...meter,
    model: "SPEM-002CEBEU50",
    change: (view) => ({ "em1:0": clamp(view) }),
    brief: (view) => ({
      "em1:0": { id: 0, act_power: clamp(view).act_power },
      "em1data:0": { id: 0, total_act_energy: round(view.registers.loadsWh[load], 2), total_act_ret_energy: 0 },
    }),
    read: (view) => ({
      "em1:0": clamp(view),
      "em1data:0": { id: 0, total_act_energy: round(view.registers.loadsWh[load], 2), total_act_ret_energy: 0 },
      // Its relay drives the charger's contactor.
      "switch:0": { id: 0, source: "init", output: home.isOn(load), temperature: temperature(0) },
    }),
  });
}

function createShelly(family: string, { load, name, mac, slot, home, model, read, change, brief }: Shelly): Device {
  const id = `${family}-${mac.toLowerCase()}`;
  // The household gave it a topic prefix that says what it is for.
  const prefix = load === "ev" ? "ev_charger" : load;
  let sentW = 0;
  let minuteWh: number | undefined;
  let minutesMwh = [0, 0, 0];

  function notify(method: string, view: View, params: Record<string, unknown>, qos: 0 | 1): OutMessage {
    sentW = view.moment.loadsW[load];
    const ts = round(view.timeMs / 1000, 2);
    return json(
      `${prefix}/events/rpc`,
      { src: id, dst: `${prefix}/events`, method, params: { ts, ...params } },
      { qos },
    );
  }

  function status(view: View): OutMessage[] {
    return Object.entries(read(view, minutesMwh)).map(([component, payload]) =>
      json(`${prefix}/status/${component}`, payload, { qos: 1, retain: true }),
    );
  }

  function countMinute(totalWh: number): void {
    minutesMwh = [round((totalWh - (minuteWh ?? totalWh)) * 1000, 3), minutesMwh[0]!, minutesMwh[1]!];
    minuteWh = totalWh;
  }

  function fullStatus(view: View) {
    const uptime = Math.floor((view.timeMs - home.home.sinceMs) / 1000);
    const sys = { mac, restart_required: false, unixtime: Math.floor(view.timeMs / 1000), uptime };
    return { ...read(view, minutesMwh), mqtt: { connected: true }, sys, wifi: { status: "got ip", rssi: -58 } };
  }

  function setRelay(on: boolean, view: View): OutMessage[] {
    home.switch(load, on, view.timeMs);
    return [notify("NotifyStatus", view, { "switch:0": { id: 0, output: on, source: "MQTT" } }, 1)];
  }

  /** The result of one RPC method, or undefined for a method that the device does not know. */
  function call({ method, params }: RpcRequest, view: View): { result: unknown; told: OutMessage[] } | undefined {
    const isOn = home.isOn(load);
    if (method === "Switch.Set" || method === "Switch.Toggle") {
      const told = setRelay(method === "Switch.Toggle" ? !isOn : params?.on === true, view);
      return { result: { was_on: isOn }, told };
    }
    if (method === "Switch.GetStatus") return { result: read(view, minutesMwh)["switch:0"], told: [] };
    if (method === "Shelly.GetStatus") return { result: fullStatus(view), told: [] };
    if (method === "Shelly.GetDeviceInfo") {
      return { result: { name, id, mac, model, gen: 2, ver: "1.4.4", app: family }, told: [] };
    }
    return undefined;
  }

  function answer(payload: string, view: View): OutMessage[] {
    const request = parseRequest(payload);
    if (!request || typeof request.src !== "string") return [];
    const called = call(request, view);
    const outcome = called
      ? { result: called.result }
      : { error: { code: 404, message: `No handler for ${String(request.method)}` } };
    const reply = json(`${request.src}/rpc`, { id: request.id, src: id, dst: request.src, ...outcome }, { qos: 1 });
    return [reply, ...(called?.told ?? [])];
  }

  function obey(topic: string, payload: string, view: View): OutMessage[] {
    if (topic === `${prefix}/rpc`) return answer(payload, view);
    if (payload === "status_update") return status(view);
    const wanted = wantedState(payload, home.isOn(load));
    return wanted === undefined ? [] : setRelay(wanted, view);
  }

  return {
    clientId: id,
    will: { topic: `${prefix}/online`, payload: "false", qos: 1, retain: true },
    birth: (view, isLive) => [
      notify("NotifyFullStatus", view, fullStatus(view), 1),
      { topic: `${prefix}/online`, payload: "true", qos: 1, retain: true },
      ...(isLive ? status(view) : []), // a status carries no time of its own
    ],
    coarseStepMs: 3_600_000,
    history: (view, isBrief) => [notify("NotifyStatus", view, isBrief ? brief(view) : read(view, minutesMwh), 1)],
    tick(view) {
      if (isMinute(view.timeMs, slot)) {
        countMinute(view.registers.loadsWh[load]);
        return [notify("NotifyStatus", view, read(view, minutesMwh), 1), ...status(view)];
      }
      return changedMuch(sentW, view.moment.loadsW[load], step) ? [notify("NotifyStatus", view, change(view), 0)] : [];
    },
    commands: [`${prefix}/rpc`, `${prefix}/command`, `${prefix}/command/switch:0`],
    obey,
  };
}

function parseRequest(payload: string): RpcRequest | undefined {
  try {
    const parsed: unknown = JSON.parse(payload);
    return typeof parsed === "object" && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function temperature(powerW: number) {
  const celsius = 38 + powerW / 90;
  return { tC: round(celsius, 1), tF: round(celsius * 1.8 + 32, 1) };
}
