/** `npm run dev`: the hub with its made-up home, and the app served by vite; each reloads what you change. */
import { join } from "node:path";
import { endLike, runChild, runMain } from "./node.mjs";
import { prepare, projectRoot } from "./prepare.mjs";

await runMain(async (args) => {
  const node = await prepare({ build: false });
  const programs = [
    { args: ["--watch", "--watch-preserve-output", "hub/src/main.ts", "--demo", ...args], cwd: projectRoot },
    {
      args: [join(projectRoot, "node_modules", "vite", "bin", "vite.js"), "--clearScreen", "false"],
      cwd: join(projectRoot, "pwa"),
    },
  ];

  const pids = [];
  const running = programs.map(async ({ args, cwd }) => {
    const result = await runChild(node, args, { cwd, ownsSignals: true, onStart: (pid) => pids.push(pid) });
    for (const pid of pids) stop(pid); // one without the other is of no use
    return result;
  });
  endLike(await Promise.race(running));
  await Promise.all(running);
});

function stop(pid) {
  try {
    process.kill(pid, "SIGTERM");
  } catch (error) {
    if (error.code !== "ESRCH") throw error; // it has ended by itself
  }
}
