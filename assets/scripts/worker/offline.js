// Opening a page without a network: one that says so, in the language of the pages before.
import { OFFLINE_PAGES, isMaterial, keep, kept, newestMaterial } from "./shelves.js";

const LANGUAGE = "/offline/language";
let known = null;

// A form that is sent is left to the browser, which asks before it sends it once more.
export function isNavigation(request) {
  return request.mode === "navigate" && request.method === "GET";
}

export async function answerNavigation(event) {
  const { pathname } = new URL(event.request.url);
  try {
    if (isMaterial(pathname)) return await newestMaterial(event.request);
    const answer = (await event.preloadResponse) ?? (await fetch(event.request));
    event.waitUntil(remember(answer.headers.get("Content-Language")));
    return answer;
  } catch {
    return (await kept(OFFLINE_PAGES[await language()])) ?? Response.error();
  }
}

async function remember(spoken) {
  if (!(spoken in OFFLINE_PAGES) || spoken === known) return;
  known = spoken;
  await keep(LANGUAGE, spoken);
}

async function language() {
  const said = known ?? (await (await kept(LANGUAGE))?.text()) ?? navigator.language.slice(0, 2);
  return said in OFFLINE_PAGES ? said : "en";
}
