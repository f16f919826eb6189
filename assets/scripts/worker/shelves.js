// What is kept on the device: parts of pages whose name changes with their content, and files of
// materials that somebody has opened. Nothing else ever.

const PARTS = "parts";
// Cleared when nobody is logged in: see ../app_shell.js.
const MATERIALS = "materials";
const IMMUTABLE = /^\/static\/assets\/.+-[\w-]{8}\.\w+$/;
const MATERIAL = /^\/materials\/[\da-f-]{36}\/$/;
const MATERIALS_KEPT = 40;

export const OFFLINE_PAGES = self.BUILD.offline;

export const isMaterial = (pathname) => MATERIAL.test(pathname);

export async function fillShelf() {
  const shelf = await caches.open(PARTS);
  const here = new Set((await shelf.keys()).map((request) => new URL(request.url).pathname));
  const missing = self.BUILD.parts.filter((path) => !here.has(path));
  await shelf.addAll(missing);
  // Always anew, and as nobody: a page that says nothing of whoever is logged in.
  const pages = Object.values(OFFLINE_PAGES);
  await shelf.addAll(
    pages.map((path) => new Request(path, { cache: "reload", credentials: "omit" })),
  );
}

// Parts of the build before are let go; what a page that is still open needs, it fetches.
export async function clearShelves() {
  const wanted = new Set([...self.BUILD.parts, ...Object.values(OFFLINE_PAGES), "/offline/language"]);
  const shelf = await caches.open(PARTS);
  for (const request of await shelf.keys()) {
    if (!wanted.has(new URL(request.url).pathname)) await shelf.delete(request);
  }
  for (const name of await caches.keys()) {
    if (name !== PARTS && name !== MATERIALS) await caches.delete(name);
  }
}

export function answerFromShelf(event) {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (IMMUTABLE.test(url.pathname)) event.respondWith(partFirst(request));
  // A download answers with parts of a file; only a whole one can be kept.
  else if (isMaterial(url.pathname) && !request.headers.has("range")) {
    event.respondWith(newestMaterial(request));
  }
}

export async function keep(name, text) {
  await (await caches.open(PARTS)).put(name, new Response(text));
}

export async function kept(name) {
  const shelf = await caches.open(PARTS);
  return shelf.match(name, { ignoreVary: true });
}

async function partFirst(request) {
  const shelf = await caches.open(PARTS);
  const found = await shelf.match(request, { ignoreVary: true });
  if (found) return found;
  const answer = await fetch(request);
  if (answer.status === 200) await shelf.put(request, answer.clone());
  return answer;
}

// A newer version is shown when there is a network; without one, what was opened before.
export async function newestMaterial(request) {
  const shelf = await caches.open(MATERIALS);
  // The same file wherever it was opened from.
  const name = new URL(request.url).pathname;
  let answer;
  try {
    answer = await fetch(request);
  } catch (failure) {
    const found = await shelf.match(name, { ignoreVary: true });
    if (found) return found;
    throw failure;
  }
  const isFile = answer.status === 200 && !answer.redirected;
  if (isFile) await shelf.put(name, answer.clone());
  // Gone, or no longer for this person: not from the device either.
  else if (answer.status !== 304) await shelf.delete(name);
  const names = await shelf.keys();
  for (const oldest of names.slice(0, names.length - MATERIALS_KEPT)) await shelf.delete(oldest);
  return answer;
}
