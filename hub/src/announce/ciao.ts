/** Publishes with a responder inside the hub, on machines that have none of their own. */
import type { CiaoService, Responder } from "@homebridge/ciao";
import { HubError } from "../errors.ts";
import type { Publication, PublicationEvents, Published } from "./publication.ts";

/** Publishes on the addresses' interfaces only. */
export function publishWithCiao(published: Published, events: PublicationEvents): Publication {
  let isClosed = false;
  const open = start();

  async function start(): Promise<Responder | null> {
    try {
      const responder = await createResponder(published);
      for (const service of createServices(responder, published)) {
        if (isClosed) break;
        service.once("name-change", () => !isClosed && events.onConflict());
        await service.advertise(); // one after another: they share a host name, and only one is probed at a time
      }
      return responder;
    } catch (cause) {
      if (!isClosed) events.onFailed(failed(cause));
      return null;
    }
  }

  return {
    async close() {
      isClosed = true;
      const responder = await open;
      await responder?.shutdown();
    },
  };
}

/** Not by the package's index: that replaces how the whole process prints stacks. 12 MB, so only when needed. */
async function createResponder({ addresses }: Published): Promise<Responder> {
  await import("@homebridge/ciao/lib/coder/records/index.js");
  const { Responder } = await import("@homebridge/ciao/lib/Responder.js");
  const interfaceNames = [...new Set(addresses.map(({ interfaceName }) => interfaceName))];
  const responder = Responder.getResponder({ interface: interfaceNames });
  // Its prober, the only one to ask this, takes services of one host for rivals.
  responder.getAnnouncedServices = () => [].values();
  return responder;
}

function createServices(responder: Responder, { host, instance, services, addresses }: Published): CiaoService[] {
  const restrictedAddresses = addresses.map(({ address }) => address);
  return services.map(({ type, port }) =>
    responder.createService({ name: instance, type, port, hostname: host, restrictedAddresses }),
  );
}

function failed(cause: unknown): HubError {
  return new HubError(
    "ANNOUNCE_FAILED",
    `The hub's name could not be published on the network: ${(cause as Error).message ?? cause}`,
    "Check that the network allows multicast (UDP port 5353). Until then open the hub by its address.",
    { cause },
  );
}
