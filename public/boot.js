// Starts the program on a page the server drew, or in the empty shell, and looks after new versions of it.
const html = document.documentElement;
const { js, wasm, door } = html.dataset;

// The browser offers this once, often before the program runs; "More" shows it as a button.
addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  globalThis.waypostInstall = event;
});

// A form that is on its way as plain HTML is not taken over: its report would be made a second time.
let sent = false;
addEventListener("submit", () => (sent = true), { once: true });

if (js && wasm && !new URLSearchParams(location.search).has("plain")) {
  try {
    const glue = await import(js);
    await glue.default({ module_or_path: wasm });
    if (door === "mount") glue.mount();
    else if (!sent) glue.hydrate(document.getElementById("seed").textContent);
  } catch (error) {
    console.error(error);
    // A page the server drew still works as it is. The shell has nothing to fall back upon, so it says so.
    if (door === "mount" && !("live" in html.dataset)) explain();
  }
}

if ("serviceWorker" in navigator) {
  const options = { updateViaCache: "none" };
  navigator.serviceWorker
    .register("/sw.js", { ...options, type: "module" })
    .catch(async (error) => {
      const known = await navigator.serviceWorker.getRegistration();
      // A module has run here before, so this is only a network that is gone.
      if (known?.active && !known.active.scriptURL.endsWith("?classic")) return known;
      // Where the server answers, it is the browser that takes no modules; there only an open page sends.
      const answer = await fetch("/sw.js", { cache: "no-store" }).catch(() => undefined);
      if (answer?.ok) return navigator.serviceWorker.register("/sw.js?classic", options);
      if (known) return known;
      throw error;
    })
    .then(watch, console.error);
}

// Said when something waits to be sent: the browser then wakes the worker once there is a network, page or no page.
addEventListener("waypost:waiting", async () => {
  try {
    const registration = await navigator.serviceWorker?.ready;
    await registration?.sync?.register("waypost-outbox");
  } catch {
    // Not allowed, or switched off: the next page that is opened sends.
  }
});

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
    // Where another tab has already brought it in, opening the page again is all that is left to do.
    if (!registration.waiting) return location.reload();
    asked = true;
    registration.waiting.postMessage("SKIP_WAITING");
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
  const plain = box.appendChild(document.createElement("p")).appendChild(document.createElement("a"));
  plain.textContent = en ? "Open the plain page (needs the network)" : "打开简版页面（需要网络）";
  plain.href = `${location.pathname}?plain`;
  document.body.replaceChildren(box);
}
