// What is pushed: a title and a sentence in the reader's language, and a page that shows more. The
// server puts no personal data into it, and nothing of it is kept.

const DEVICES = "/account/notices/devices/";
// How many of those on display ask for an answer is the least that waits.
const WAITING = new Set(["offer_new", "lead_assigned", "contact_overdue", "feedback_overdue"]);

function read(data) {
  try {
    return data.json();
  } catch {
    return {};
  }
}

// The platform asks that something is shown for every push, even for one that says nothing.
export async function showNotice(data) {
  const said = read(data);
  const { icon, badge } = self.BUILD;
  await self.registration.showNotification(said.title || "leadhub", {
    body: said.body || "",
    lang: said.language,
    // The same message sent twice is shown once.
    tag: said.id,
    data: { path: pathOf(said.url), kind: said.kind },
    icon,
    badge,
  });
  await countOnIcon(said.waiting);
}

async function countOnIcon(waiting) {
  if (!self.navigator.setAppBadge) return;
  const shown = await self.registration.getNotifications();
  const least = shown.filter((notice) => WAITING.has(notice.data?.kind)).length;
  const count = Number.isInteger(waiting) ? waiting : least;
  await (count ? self.navigator.setAppBadge(count) : self.navigator.clearAppBadge());
}

// Only pages of ours are opened, whatever was sent.
function pathOf(url) {
  const address = new URL(typeof url === "string" ? url : "/", self.location.origin);
  return address.origin === self.location.origin ? address.pathname : "/";
}

// A tap only shows: whatever is to be done is done by a tap on the page.
export async function openNotice(event) {
  event.notification.close();
  const path = event.notification.data?.path ?? "/";
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = pages.find((page) => new URL(page.url).pathname === path);
  if (there) return there.focus();
  return self.clients.openWindow(path);
}

// The push service has given this browser another address.
export async function renewSubscription(old) {
  const answer = await fetch(DEVICES, { headers: { Accept: "application/json" } });
  if (!answer.ok || answer.redirected) return; // nobody is logged in: the page asks anew
  const { public_key: key, token } = await answer.json();
  const headers = { "Content-Type": "application/json", "X-CSRFToken": token };
  const send = (method, body) =>
    fetch(DEVICES, { method, headers, body: JSON.stringify(body) });
  const subscription = await self.registration.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: key,
  });
  await send("POST", subscription.toJSON());
  if (old && old.endpoint !== subscription.endpoint) await send("DELETE", { endpoint: old.endpoint });
}
