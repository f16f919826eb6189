// The service worker: keeps the parts of pages, says when there is no network, and shows what is
// pushed. It keeps no page and no answer: they hold customers' data, and are old when shown again.
// The server writes BUILD before it: what of this build to keep, by which every build is another
// worker.
import { answerFromShelf, clearShelves, fillShelf } from "./shelves.js";
import { answerNavigation, isNavigation } from "./offline.js";
import { openNotice, renewSubscription, showNotice } from "./pushes.js";

self.addEventListener("install", (event) => {
  event.waitUntil(fillShelf());
  // Nothing depends on the worker that was there: an open page goes on undisturbed with this one.
  self.skipWaiting();
});

self.addEventListener("activate", (event) => {
  event.waitUntil(Promise.all([clearShelves(), self.registration.navigationPreload?.enable()]));
});

self.addEventListener("fetch", (event) => {
  if (isNavigation(event.request)) event.respondWith(answerNavigation(event));
  else answerFromShelf(event);
});

self.addEventListener("push", (event) => event.waitUntil(showNotice(event.data)));
self.addEventListener("notificationclick", (event) => event.waitUntil(openNotice(event)));
self.addEventListener("pushsubscriptionchange", (event) => {
  event.waitUntil(renewSubscription(event.oldSubscription));
});
