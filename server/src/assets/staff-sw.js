// Keeps the staff's program, so that the queue can be read and answered at a street corner without a network. What was
// read last lies in the program's own database; only small pictures are kept here, until somebody signs out.
"use strict";

// Not "waypost-…": the phone's worker throws such caches away.
const PREFIX = "staff-";
const CACHE = PREFIX + "__BUILD__";
const FILES = __FILES__;
const SHELL = "/staff";
/** Small pictures of cases that were seen; the program drops it at sign-out. */
const PICTURES = PREFIX + "photos";
const PICTURE = /^\/api\/v1\/staff\/photos\/[0-9a-f]{64}\/thumb$/;
const MOST_PICTURES = 400;
/** A network that says nothing for so long counts as none. */
const PATIENCE_MS = 4000;

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll([SHELL, ...FILES].map((file) => new Request(file, { cache: "reload" }))))
      // An open page has all of its program in memory: the new one may take over at once.
      .then(() => self.skipWaiting())
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
        if (name.startsWith(PREFIX) && name !== CACHE && name !== PICTURES) await caches.delete(name);
      }
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    // The network first: the document names the newest program. Every address has the same document.
    if (url.pathname === SHELL || url.pathname.startsWith(SHELL + "/")) event.respondWith(document(request));
  } else if (FILES.includes(url.pathname)) {
    event.respondWith(kept(url.pathname, request));
  } else if (PICTURE.test(url.pathname)) {
    event.respondWith(picture(event));
  }
});

/** The network first: only the server knows who may still see it. What it refuses is no longer kept. */
async function picture(event) {
  const { request } = event;
  const cache = await caches.open(PICTURES);
  const before = await cache.match(request.url);
  const asked = fetch(request);
  event.waitUntil(asked.then((answer) => keepPicture(cache, request.url, answer.clone())).catch(() => undefined));
  if (!before) return asked;
  const fresh = asked.then((answer) => (isBusy(answer) ? before : answer)).catch(() => before);
  return Promise.race([fresh, new Promise((give) => setTimeout(give, PATIENCE_MS, before))]);
}

/** A server or a gateway that has nothing to say of the picture itself. */
function isBusy(answer) {
  return answer.status >= 500 || answer.status === 429;
}

/** Where somebody has signed out meanwhile, the cache is gone from where it could be found, and what is put into it with it. */
async function keepPicture(cache, url, answer) {
  if (answer.ok) {
    await cache.put(url, answer);
    const keys = await cache.keys();
    // The oldest first.
    for (const key of keys.slice(0, Math.max(0, keys.length - MOST_PICTURES))) await cache.delete(key);
  } else if (!isBusy(answer)) {
    await cache.delete(url);
  }
}

async function document(request) {
  const given = fetch(request);
  const late = new Promise((give) => setTimeout(give, PATIENCE_MS));
  const answer = await Promise.race([given.catch(() => undefined), late]);
  // A gateway's "bad gateway" is no document either.
  if (answer && answer.status < 500) return answer;
  const cache = await caches.open(CACHE);
  return (await cache.match(SHELL)) ?? given;
}

async function kept(path, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(path)) ?? fetch(request);
}
