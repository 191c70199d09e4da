import { expect, test } from "vitest";
import { basePath, pageAddress, pagePath, socketAddress } from "./base.ts";

test("the base is the folder of the document's base address", () => {
  expect(basePath("http://hub.local/")).toBe("/");
  expect(basePath("https://home.example/faiban/")).toBe("/faiban/");
  expect(basePath("https://home.example/faiban/index.html")).toBe("/faiban/");
});

test.each([
  ["/", "/", "/"],
  ["/meters/", "/", "/meters"],
  ["/faiban/", "/faiban/", "/"],
  ["/faiban", "/faiban/", "/"],
  ["/faiban/meters/plug%2F1", "/faiban/", "/meters/plug%2F1"],
  ["/other/meters", "/faiban/", null],
])("%s under %s is the page %s", (pathname, base, path) => {
  expect(pagePath(pathname, base)).toBe(path);
});

test("a page's address leads back to the page", () => {
  for (const base of ["/", "/faiban/"]) {
    for (const path of ["/", "/meters", "/join/AB-12"]) expect(pagePath(pageAddress(path, base), base)).toBe(path);
  }
});

test("the live socket is encrypted where the page is", () => {
  expect(socketAddress("http://192.168.1.9:8080/")).toBe("ws://192.168.1.9:8080/api/live");
  expect(socketAddress("https://home.example/faiban/")).toBe("wss://home.example/faiban/api/live");
});
