/** What is published on the home's network, whoever does it. */

import type { LanAddress } from "../certificates/lan.ts";
import type { HubError } from "../errors.ts";

export interface AnnouncedService {
  /** Such as http for _http._tcp. */
  type: "http" | "https" | "mqtt" | "secure-mqtt";
  port: number;
}

export interface Published {
  /** Without ".local". */
  host: string;
  /** Of each service. */
  instance: string;
  services: readonly AnnouncedService[];
  addresses: readonly LanAddress[];
}

export interface PublicationEvents {
  /** Another machine has the host's name. */
  onConflict(): void;
  /** The publication ended, or never began. */
  onFailed(error: HubError): void;
}

export interface Publication {
  close(): Promise<void>;
}

/** Begins to publish; what goes wrong comes through the events, later. */
export type Publish = (published: Published, events: PublicationEvents) => Publication;
