/** A real nginx in front of hubs, in the foreground, with its files in a folder of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { freePort } from "../../bench/lib/processes.ts";
import { ensureNginx } from "../../scripts/nginx.mjs";
import { until } from "../harness.ts";
import { ask } from "./harness.ts";

/** What nginx puts before one hub. */
export interface Site {
  /** Where it serves the hub, such as `/` or `/faiban/`. */
  location: string;
  /** What `proxy_pass` says, with `PORT` for the hub's port; a path at its end replaces the location. */
  pass: string;
  hubPort: number;
  /** Further lines of the location. */
  headers: readonly string[];
}

/** The headers that the README tells people to set. */
export const usualHeaders = [
  "proxy_http_version 1.1;",
  "proxy_set_header Host $http_host;",
  "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
  "proxy_set_header X-Forwarded-Proto $scheme;",
  "proxy_set_header Upgrade $http_upgrade;",
  "proxy_set_header Connection $connection_upgrade;",
];

/** Serves each site on a port of its own; resolves to the ports, in their order, once all answer. */
export async function startNginx(sites: readonly Site[]): Promise<{ ports: number[]; close(): Promise<void> }> {
  const program = await ensureNginx();
  const folder = mkdtempSync(path.join(tmpdir(), "faiban-nginx-"));
  const ports = await Promise.all(sites.map(freePort));
  const configFile = path.join(folder, "nginx.conf");
  writeFileSync(configFile, configOf(folder, sites, ports));
  const child = spawn(program, ["-p", folder, "-e", path.join(folder, "error.log"), "-c", configFile], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const exited = once(child, "exit");
  const isUp = (httpPort: number) =>
    ask({ httpPort, httpsPort: null }, "GET", "/").then(
      () => true,
      () => false,
    );
  for (const port of ports) await until(() => isUp(port), "nginx");
  return {
    ports,
    async close() {
      child.kill("SIGTERM");
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configOf(folder: string, sites: readonly Site[], ports: readonly number[]): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  const servers = sites.map(
    ({ location, pass, hubPort, headers }, i) => `
  server {
    listen 127.0.0.1:${ports[i]};
    location ${location} {
      proxy_pass ${pass.replace("PORT", String(hubPort))};
      ${headers.join("\n      ")}
    }
  }`,
  );
  return `
daemon off;
master_process off;
pid ${folder}/nginx.pid;
events { worker_connections 256; }
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join("\n  ")}
  map $http_upgrade $connection_upgrade { default upgrade; "" close; }${servers.join("")}
}
`;
}
