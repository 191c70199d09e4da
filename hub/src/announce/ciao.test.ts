import { createSocket } from "node:dgram";
import os from "node:os";
import { expect, test } from "vitest";
import { publishWithCiao } from "./ciao.ts";

/** A question for the addresses of a name, RFC 1035 section 4.1. */
function question(name: string): Buffer {
  const labels = name.split(".").map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  const head = Buffer.from([0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  return Buffer.concat([head, ...labels, Buffer.from([0, 0, 1, 0, 1])]);
}

/** Whether the responder on loopback answers for the name with 127.0.0.1. */
async function isAnswered(name: string): Promise<boolean> {
  const socket = createSocket("udp4");
  try {
    return await new Promise<boolean>((resolve) => {
      socket.on("message", (message) => {
        if (message.includes("faiban-0000") && message.includes(Buffer.from([0, 4, 127, 0, 0, 1]))) resolve(true);
      });
      socket.bind(0, "127.0.0.1", () => {
        socket.setMulticastInterface("127.0.0.1");
        socket.send(question(name), 5353, "224.0.0.251");
        setTimeout(() => resolve(false), 500);
      });
    });
  } finally {
    socket.close();
  }
}

const loopback = Object.entries(os.networkInterfaces()).find(([, addresses = []]) =>
  addresses.some(({ address }) => address === "127.0.0.1"),
)?.[0];

test("a name and two services of one host are published on their interface, until closed", async () => {
  const happened: string[] = [];
  const publication = publishWithCiao(
    {
      host: "faiban-0000",
      instance: "Home 0000",
      services: [
        { type: "http", port: 8080 },
        { type: "mqtt", port: 1883 },
      ],
      addresses: [{ interfaceName: loopback ?? "", address: "127.0.0.1" }],
    },
    { onConflict: () => happened.push("conflict"), onFailed: ({ message }) => happened.push(message) },
  );
  await expect.poll(() => isAnswered("faiban-0000.local"), { timeout: 10_000 }).toBe(true);
  await publication.close();
  expect(happened).toEqual([]);
  expect(await isAnswered("faiban-0000.local")).toBe(false);
});
