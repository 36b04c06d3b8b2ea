// Keeps exactly one build on the phone and answers every navigation from it. The server fills in the build and its
// files; a new build is a new worker, which waits until a person asks for it.
"use strict";

const PREFIX = "waypost-";
const CACHE = PREFIX + "__BUILD__";
const FILES = __PRECACHE__;
const SHELL = "/shell";
// Answered by the server and nobody else.
const SERVER_ONLY = /^\/(api|calendar|open311|photos|healthz|readyz|metrics|staff|reports\.csv|cases|join)(\/|$)/;
// What others have reported is drawn by the server; without a network a page says so.
const PUBLIC = /^\/reports(\/|$)/;
const OFFLINE = __OFFLINE__;
// Small pictures of repairs and of ways into stations that were seen; public, as everything that is asked for without a token.
const PICTURES = "pictures";
const PICTURE = /^\/api\/v1\/photos\/[0-9a-f]{64}$/;
const MOST_PICTURES = 120;
/** A network that says nothing for so long counts as none, where a picture is kept. */
const PATIENCE_MS = 4000;

self.addEventListener("install", (event) => {
  // All or nothing: a single file that does not come fails the installation, and the old build stays.
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll(FILES.map((file) => new Request(file, { cache: "reload" }))))
      .catch(async (error) => {
        await caches.delete(CACHE);
        throw error;
      }),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) {
        if (name.startsWith(PREFIX) && name !== CACHE) await caches.delete(name);
      }
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("message", (event) => {
  if (event.data === "SKIP_WAITING") self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    // A file opened by its own address is that file; everything else is a page, and every page is the shell.
    // `?plain` asks for the server's own page, for phones on which the program does not start.
    if (url.searchParams.has("wiped")) {
      event.respondWith(wiped());
      return;
    }
    if (PICTURE.test(url.pathname)) {
      event.respondWith(whole(request, url));
      return;
    }
    if (url.searchParams.has("plain") || SERVER_ONLY.test(url.pathname) || isFile(url.pathname)) return;
    event.respondWith(PUBLIC.test(url.pathname) ? asked(request) : kept(SHELL, request));
  } else if (FILES.includes(url.pathname)) {
    event.respondWith(kept(url.pathname, request));
  } else if (request.destination === "image" && PICTURE.test(url.pathname)) {
    event.respondWith(picture(event));
  }
});

/** Somebody has taken everything off this phone. */
async function wiped() {
  await caches.delete(PICTURES);
  return Response.redirect("/");
}

/** The network first: what was taken down is to be seen no more. A picture that is kept stands in for a server that has no time. */
async function picture(event) {
  const { request } = event;
  const cache = await caches.open(PICTURES);
  const before = await cache.match(request.url);
  const asked = fetch(request);
  event.waitUntil(asked.then((answer) => note(cache, request.url, answer.clone())).catch(() => undefined));
  if (!before) return asked;
  const fresh = asked.then((answer) => (isBusy(answer) ? before : answer)).catch(() => before);
  return Promise.race([fresh, new Promise((give) => setTimeout(give, PATIENCE_MS, before))]);
}

/** A server or a gateway that has nothing to say of the picture itself. */
function isBusy(answer) {
  return answer.status >= 500 || answer.status === 429;
}

async function note(cache, url, answer) {
  if (answer.ok) await keepPicture(cache, url, answer);
  else if ([403, 404, 410].includes(answer.status)) await cache.delete(url);
}

async function keepPicture(cache, url, answer) {
  await cache.put(url, answer);
  const keys = await cache.keys();
  // The oldest first.
  for (const key of keys.slice(0, Math.max(0, keys.length - MOST_PICTURES))) await cache.delete(key);
}

/** A picture by itself; without a network the small one, which is better than none. */
async function whole(request, url) {
  try {
    return await fetch(request);
  } catch (error) {
    const small = await (await caches.open(PICTURES)).match(`${url.origin}${url.pathname}?size=thumb`);
    if (small) return small;
    throw error;
  }
}

function isFile(path) {
  return path === "/sw.js" || path.startsWith("/pkg/") || (path !== SHELL && FILES.includes(path));
}

async function asked(request) {
  try {
    return await fetch(request);
  } catch {
    return new Response(OFFLINE, { headers: { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" } });
  }
}

async function kept(path, request) {
  const cache = await caches.open(CACHE);
  // The browser may throw caches away; then the network is better than nothing.
  return (await cache.match(path)) ?? fetch(request);
}
