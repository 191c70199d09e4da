/** Lets the home's devices find the hub by name: mDNS (RFC 6762) and service discovery (RFC 6763). */

import { type LanAddress, lanAddresses } from "../certificates/lan.ts";
import { HubError } from "../errors.ts";
import { findAvahiPublish, isAvahiRunning, publishWithAvahi } from "./avahi.ts";
import { publishWithCiao } from "./ciao.ts";
import { hostFor, instanceName, nextHost } from "./host-name.ts";
import type { AnnouncedService, Publication, Publish } from "./publication.ts";

export interface AnnounceOptions {
  /** What identifies the hub for good. */
  hubId: string;
  /** What people call the home. */
  title: string;
  services: readonly AnnouncedService[];
  /** Another machine had the name; `name` is the new one, such as faiban-3f9c-2.local. */
  onRenamed(name: string): void;
  /** Called once, however often it fails: the hub goes on, and tries again each minute. */
  onError(error: HubError): void;
  /** By default the machine's. */
  addresses?(): LanAddress[];
  /** By default avahi's where it runs, else the hub's own. */
  publish?: Publish;
}

export interface Announcement {
  /** The present name, such as faiban-3f9c.local. */
  name(): string;
  /** Looks whether addresses changed or the publication ended, and begins it anew. */
  check(): void;
  /** Says goodbye to the network; takes at most 2 s. */
  close(): Promise<void>;
}

const checkMs = 60_000;
const closeMs = 2000;
/** More machines than this do not share four digits: something answers to every name. */
const mostRenames = 9;

/** Announces the hub until it is closed. Never throws, never rejects. */
export function startAnnouncing(options: AnnounceOptions): Announcement {
  const { title, services, onRenamed, onError } = options;
  const addresses = options.addresses ?? lanAddresses;
  const publish = options.publish ?? choosePublish(reportOnce);
  let host = hostFor(options.hubId);
  let renames = 0;
  let publication: Publication | null = null;
  let announced = "";
  let isReported = false;
  let isClosed = false;
  /** Ends of earlier publications: the next begins after them. */
  let ending: Promise<void> = Promise.resolve();

  function reportOnce(error: HubError): void {
    if (!isReported) onError(error);
    isReported = true;
  }

  function begin(present: LanAddress[]): void {
    announced = JSON.stringify(present);
    if (present.length === 0) return; // no network yet
    const instance = instanceName(title, host);
    const begun = publish(
      { host, instance, services, addresses: present },
      {
        onConflict: () => begun === publication && rename(),
        onFailed(error) {
          if (begun !== publication) return;
          end();
          announced = ""; // the next check tries again
          reportOnce(error);
        },
      },
    );
    publication = begun;
  }

  function rename(): void {
    if (renames++ >= mostRenames) return;
    host = nextHost(host);
    restart();
    onRenamed(`${host}.local`);
  }

  function end(): void {
    const ended = publication;
    publication = null;
    if (ended) ending = ending.then(() => ended.close()).catch(() => {}); // what is left there expires by itself
  }

  function restart(): void {
    end();
    void ending.then(() => {
      if (!isClosed && publication === null) begin(addresses());
    });
  }

  function check(): void {
    if (JSON.stringify(addresses()) !== announced) restart();
  }

  restart();
  const timer = setInterval(check, checkMs);
  timer.unref();
  return {
    name: () => `${host}.local`,
    check,
    async close() {
      isClosed = true;
      clearInterval(timer);
      end();
      await Promise.race([ending, new Promise((resolve) => setTimeout(resolve, closeMs).unref())]);
    },
  };
}

/** Two responders on one machine work, but not well; so avahi's comes first where it runs. */
function choosePublish(report: (error: HubError) => void): Publish {
  return (published, events) => {
    if (!isAvahiRunning()) return publishWithCiao(published, events);
    const program = findAvahiPublish();
    if (program !== null) return publishWithAvahi(program, published, events);
    report(
      new HubError(
        "ANNOUNCE_FAILED",
        "avahi-daemon runs, but avahi-publish is not installed; the hub announces itself beside it",
        "Install it: sudo apt install avahi-utils.",
      ),
    );
    return publishWithCiao(published, events);
  };
}
