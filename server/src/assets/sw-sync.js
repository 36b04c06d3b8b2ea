
// Only in the worker that is a module: sending what waits, with no page open, by the program's own code.
import init, { drain_outbox } from "__GLUE__";

self.addEventListener("sync", (event) => {
  if (event.tag === "waypost-outbox") event.waitUntil(drain());
});

async function drain() {
  await init({ module_or_path: kept("__WASM__", "__WASM__") });
  // The browser tries again later, some time after a promise that is broken.
  if (!(await drain_outbox())) throw new Error("Something is still to be sent.");
}
