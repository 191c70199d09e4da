import { send } from "../command-message.ts";
import type { Command, CommandAnswer, CommandValues, DialectCommands } from "../commands.ts";
import type { RawMessage } from "../driver.ts";
import { shownText } from "../outcome.ts";
import { isJsonObject } from "../readings.ts";

/** `home/{home}/cmd/{device}/switch`, `reboot`, `config`, `calibrate`; answered on `home/{home}/device/{device}/result`. */
export const customerCommands: DialectCommands = {
  messagesOf({ meterId, homeId, requestId }, command) {
    const values = valuesOf(command);
    if (!values) return undefined;
    return send(`home/${homeId}/cmd/${meterId}/${command.kind}`, JSON.stringify({ ...values, id: requestId }));
  },
  answerIn,
};

/** A toggle is not in the format: QoS 1 may bring it twice. */
function valuesOf(command: Command): CommandValues | undefined {
  if (command.kind === "switch") return { on: command.on };
  if (command.kind === "reboot") return {};
  return command.kind === "toggle" ? undefined : command.values;
}

function answerIn(message: RawMessage): CommandAnswer | undefined {
  const [root, , branch, meterId, leaf] = message.levels;
  if (root !== "home" || branch !== "device" || leaf !== "result" || message.levels.length !== 5) return undefined;
  const result = message.json();
  if (meterId === undefined || !isJsonObject(result) || typeof result.id !== "string") return undefined;
  const { id: requestId, ok, error } = result;
  if (ok === true) return { meterId, requestId };
  return ok === false ? { meterId, requestId, error: shownText(error) ?? "it gives no reason" } : undefined;
}
