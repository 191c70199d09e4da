/** TXT records by a program of the user's own: it is run as `program add NAME VALUE` and `program remove NAME VALUE`. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { DnsProvider } from "./dns-provider.ts";
import { acmeError } from "./errors.ts";

const timeoutMs = 120_000;

/** Runs the program, without a shell; it must end with 0 within two minutes. */
export function createCommand(program: string, signal: AbortSignal): DnsProvider {
  async function run(action: string, name: string, value: string): Promise<void> {
    try {
      await promisify(execFile)(program, [action, name, value], { timeout: timeoutMs, signal, maxBuffer: 65_536 });
    } catch (cause) {
      signal.throwIfAborted();
      const { stderr = "", message } = cause as Error & { stderr?: string };
      const said = stderr.trim().slice(-300) || message;
      throw acmeError(
        `${program} ${action} failed: ${said}`,
        "Run it by hand to see why; the hub's user must be allowed to.",
        {
          cause,
        },
      );
    }
  }
  return {
    add: (name, value) => run("add", name, value),
    remove: (name, value) => run("remove", name, value),
  };
}
