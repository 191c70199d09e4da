import { defineConfig, type Plugin } from "vite";
import solid from "vite-plugin-solid";

const hub = `http://127.0.0.1:${process.env.FAIBAN_HTTP_PORT ?? 8080}`;
// The page /trust is the app's; the files below it are the hub's.
const proxy = { "/api": { target: hub, ws: true }, "/trust/": { target: hub } };

/** The two faces are needed for the first paint; without a preload they wait for the style sheet. */
const preloadFonts: Plugin = {
  name: "preload-fonts",
  transformIndexHtml: {
    order: "post",
    handler: (_html, { bundle }) =>
      Object.keys(bundle ?? {})
        .filter((file) => file.endsWith(".woff2"))
        .map((file) => ({
          tag: "link",
          injectTo: "head",
          attrs: { rel: "preload", as: "font", type: "font/woff2", crossorigin: "", href: `./${file}` },
        })),
  },
};

export default defineConfig({
  root: import.meta.dirname,
  // Addresses are relative, as the hub may be served below a path; it writes its own into index.html's base.
  base: "./",
  plugins: [solid(), preloadFonts],
  server: { proxy },
  preview: { proxy },
  build: { outDir: "dist", emptyOutDir: true },
});
