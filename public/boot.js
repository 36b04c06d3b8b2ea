// Starts the program on a page the server drew, or in the empty shell, and looks after new versions of it.
const html = document.documentElement;
const { js, wasm, door } = html.dataset;

// The browser offers this once, often before the program runs; "More" shows it as a button.
addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  globalThis.waypostInstall = event;
});

if (js && wasm) {
  try {
    const glue = await import(js);
    await glue.default({ module_or_path: wasm });
    if (door === "mount") glue.mount();
    else glue.hydrate(document.getElementById("seed").textContent);
  } catch (error) {
    console.error(error);
    // A page the server drew still works as it is. The shell has nothing to fall back upon, so it says so.
    if (door === "mount" && !("live" in html.dataset)) explain();
  }
}

if ("serviceWorker" in navigator) {
  navigator.serviceWorker.register("/sw.js", { updateViaCache: "none" }).then(watch, console.error);
}

function watch(registration) {
  // Without a controller this is the first visit: the waiting worker is no update.
  const ready = () => {
    if (!registration.waiting || !navigator.serviceWorker.controller) return;
    html.dataset.update = "";
    dispatchEvent(new CustomEvent("waypost:update"));
  };
  const follow = (worker) => worker?.addEventListener("statechange", ready);
  ready();
  follow(registration.installing);
  registration.addEventListener("updatefound", () => follow(registration.installing));
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) registration.update().catch(() => {}); // offline: next time
  });

  let asked = false;
  addEventListener("waypost:apply-update", () => {
    asked = true;
    registration.waiting?.postMessage("SKIP_WAITING");
  });
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    // The first worker takes control too, and so may another tab's update: neither may cost anybody a page.
    if (asked) location.reload();
    asked = false;
  });
}

function explain() {
  const en = html.lang === "en";
  const box = document.createElement("main");
  const words = box.appendChild(document.createElement("p"));
  words.textContent = en ? "Waypost could not start on this phone." : "驿友没能在这部手机上启动。";
  const link = box.appendChild(document.createElement("a"));
  link.textContent = en ? "Try again" : "再试一次";
  link.href = location.href;
  document.body.replaceChildren(box);
}
