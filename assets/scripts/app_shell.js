// The app around the pages: its service worker, the count on its icon, and the page without network.
import { forgetDocuments } from "./documents.js";

export function startShell() {
  if (!("serviceWorker" in navigator)) return;
  // After what the page itself needs.
  addEventListener("load", () => {
    navigator.serviceWorker.register("/service-worker.js", { updateViaCache: "none" }).catch(() => {
      // Without one everything works; there is just no page that says why there is no network.
    });
  });
  addEventListener("online", () => {
    if (document.querySelector("[data-offline]")) location.reload();
  });
}

// The icon counts what waits, as the page says; a page without an inbox says nothing of it.
export function countOnIcon(root) {
  const waiting = root.querySelector?.("[data-waiting]") ?? root.closest?.("[data-waiting]");
  if (!waiting || !navigator.setAppBadge) return;
  const count = Number(waiting.dataset.waiting);
  const done = count ? navigator.setAppBadge(count) : navigator.clearAppBadge();
  done.catch(() => {}); // the app is not installed
}

// Whoever logs in next finds nothing of whoever logged out: no document, no notice, no count, and no
// answer to what they were asked.
export function forgetPerson(root) {
  if (!root.querySelector("[data-nobody]")) return;
  forgetDocuments();
  localStorage.clear();
  sessionStorage.clear();
  navigator.clearAppBadge?.().catch(() => {});
  closeNotices().catch(() => {});
}

async function closeNotices() {
  const registration = await navigator.serviceWorker?.getRegistration();
  for (const notice of (await registration?.getNotifications()) ?? []) notice.close();
}
