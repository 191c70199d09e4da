/** Requests to the APIs of DNS providers. */
import { acmeError } from "./errors.ts";
import { retryAfterMs } from "./transport.ts";

export interface ProviderRequest {
  /** The provider's name, for messages. */
  provider: string;
  url: string;
  method?: string;
  headers?: Record<string, string>;
  json?: unknown;
  signal: AbortSignal;
}

const timeoutMs = 30_000;
const mostCharacters = 1_000_000;

/** The text of an answer, and whether the thing was there. Throws HubError; the token, wherever it is, is not shown. */
export async function askProvider(request: ProviderRequest): Promise<{ isFound: boolean; text: string }> {
  const { provider, url, method = "GET", headers = {}, json, signal } = request;
  const body = json === undefined ? {} : { body: JSON.stringify(json) };
  const type = json === undefined ? {} : { "content-type": "application/json" };
  const response = await fetch(url, {
    method,
    headers: { ...headers, ...type },
    ...body,
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
  }).catch((cause) => {
    signal.throwIfAborted();
    throw acmeError(`The DNS provider ${provider} cannot be reached`, "Check the hub's internet connection.", {
      cause,
    });
  });
  const text = (await response.text()).slice(0, mostCharacters);
  if (response.ok || response.status === 404) return { isFound: response.ok, text };
  const isDenied = response.status === 401 || response.status === 403;
  throw acmeError(
    `The DNS provider ${provider} answered with status ${response.status}`,
    isDenied ? "Check the token in the settings, and that it may change the domain." : "The hub tries again later.",
    { retryAfterMs: retryAfterMs(response.headers.get("retry-after"), Date.now()) },
  );
}

/** JSON of an answer. Throws HubError when it is none. */
export function providerJson(provider: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw acmeError(
      `The DNS provider ${provider} answers with something that is not JSON`,
      "The hub tries again later.",
      {
        cause,
      },
    );
  }
}

/** No zone of the account holds the name. */
export function noZone(provider: string, name: string): Error {
  const hint = "Check the domain in the settings, and that the token may see it.";
  return acmeError(`The account at ${provider} has no zone for ${name}`, hint);
}
