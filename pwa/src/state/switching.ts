import type { Command, CommandFailure } from "../../../hub/src/api/contract.ts";
import { isKey, t } from "../i18n/text.ts";
import { createAction } from "./action.ts";
import { isFailure, postJson } from "./api.ts";
import { type Switching, switchingOf, TOLD_MS } from "./commands.ts";
import { type Device, switchedOn } from "./devices.ts";
import { useLive } from "./live.ts";

/** A relay as a switch shows it. */
export interface RelaySwitch {
  /** As the device reports. */
  isOn(): boolean;
  isMoving(): boolean;
  isConfirmed(): boolean;
  /** Why it cannot be switched now, in words; null when it can. */
  locked(): string | null;
  /** Why the last press had no effect, in words; null when it had, or when that was long ago. */
  problem(): string | null;
  press(): void;
}

/** The switch of a channel with a relay; call it from a component below LiveContext. */
export function createRelaySwitch(device: () => Device): RelaySwitch {
  const live = useLive();
  let failedMs = 0;
  const asking = createAction(async (on: boolean) => {
    const path = `/api/channels/${encodeURIComponent(device().channel.id)}/switch`;
    try {
      live.note(await postJson<Command>(path, { on }));
    } catch (failure) {
      failedMs = live.nowMs();
      throw failure;
    }
  });
  const isOn = () => switchedOn(device().channel) === true;
  const switching = (): Switching =>
    asking.busy() ? { phase: "moving" } : switchingOf(device().channel.relay, device().channel.command, live.ageMs);
  const isMoving = () => switching().phase === "moving";
  const locked = () => {
    if (live.freshness() !== "fresh") return t("switch.noHub");
    return device().meter.availability === "offline" ? t("switch.offline") : null;
  };
  const refusal = () => {
    // Said by the command's own end already, as everybody who looks on sees it.
    if (isFailure(asking.failure(), "DEVICE_OFFLINE")) return null;
    return live.ageMs(failedMs) > TOLD_MS ? null : asking.error();
  };

  return {
    isOn,
    isMoving,
    isConfirmed: () => switching().phase === "confirmed",
    locked,
    problem() {
      const now = switching();
      if (now.phase === "moving") return null;
      return refusal() ?? (now.phase === "failed" ? failureWords(now.failure, now.error) : null);
    },
    press() {
      if (!isMoving() && locked() === null) void asking.run(!isOn());
    },
  };
}

function failureWords(failure: CommandFailure, error: string | null): string {
  const key = `switch.failed.${failure}`;
  const words = isKey(key) ? t(key) : failure;
  return error === null ? words : `${words} (${error})`;
}
