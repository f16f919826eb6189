// Push messages to this browser: asked for by a tap and never otherwise, and ended by one.
import { say, wordsFor } from "./messages.js";

const ASKED = "notices-asked"; // in the browser's storage: that "Later" was tapped
const CHECKED = "notices-checked"; // for as long as the tab: that the server was compared with

const isPossible = () =>
  window.isSecureContext && "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

// iPhones push to apps on the home screen only.
function needsInstalling() {
  const isApple = /iPhone|iPad/.test(navigator.userAgent) || (/Mac/.test(navigator.platform) && navigator.maxTouchPoints > 1);
  return isApple && !matchMedia("(display-mode: standalone)").matches;
}

async function askServer(part, method = "GET", body) {
  const headers = { Accept: "application/json" };
  if (body) Object.assign(headers, { "Content-Type": "application/json", "X-CSRFToken": part.token });
  const answer = await fetch(part.address, { method, headers, body: body && JSON.stringify(body) });
  if (!answer.ok || answer.redirected) throw new Error(`status ${answer.status}`);
  return answer.status === 204 ? null : answer.json();
}

async function digestOf(endpoint) {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(endpoint));
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const ready = () => navigator.serviceWorker.ready;
const current = async () => (await ready()).pushManager.getSubscription();

function isOfKey(subscription, key) {
  const own = subscription.options?.applicationServerKey;
  if (!own) return true;
  const text = btoa(String.fromCharCode(...new Uint8Array(own)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "") === key;
}

// "on" only if the server knows this browser as this person's: after another one has logged in here,
// they are asked themselves.
async function stateOf(part) {
  if (!isPossible()) return needsInstalling() ? "install" : "impossible";
  if (Notification.permission === "denied") return "denied";
  const subscription = await current();
  if (!subscription) return "off";
  const { public_key: key, known } = await askServer(part);
  return known.includes(await digestOf(subscription.endpoint)) && isOfKey(subscription, key) ? "on" : "off";
}

async function switchOn(part) {
  const permission = await Notification.requestPermission();
  if (permission !== "granted") return permission === "denied" ? "denied" : "off";
  const { public_key: key, token } = await askServer(part);
  part.token = token;
  const { pushManager } = await ready();
  const before = await pushManager.getSubscription();
  if (before && !isOfKey(before, key)) await before.unsubscribe();
  const subscription = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  await askServer(part, "POST", subscription.toJSON());
  return "on";
}

async function switchOff(part) {
  const subscription = await current();
  if (!subscription) return "off";
  part.token = (await askServer(part)).token;
  await askServer(part, "DELETE", { endpoint: subscription.endpoint });
  await subscription.unsubscribe();
  return "off";
}

function show(part, state) {
  part.element.hidden = part.isQuestion && (state !== "off" || Boolean(localStorage.getItem(ASKED)));
  for (const one of part.element.querySelectorAll("[data-push-state]")) {
    one.hidden = one.dataset.pushState !== state;
  }
}

async function act(part, button, step) {
  button.disabled = true;
  try {
    const state = await step(part);
    show(part, state);
    if (state === "on") say(wordsFor("told"), "success");
    if (state === "denied" && part.isQuestion) say(wordsFor("blocked"), "error");
  } catch {
    say(wordsFor("not-told"), "error");
  } finally {
    button.disabled = false;
  }
}

function listen(part) {
  const { element } = part;
  element.querySelector("[data-push-on]")?.addEventListener("click", ({ currentTarget }) => act(part, currentTarget, switchOn));
  element.querySelector("[data-push-off]")?.addEventListener("click", ({ currentTarget }) => act(part, currentTarget, switchOff));
  element.querySelector("[data-push-later]")?.addEventListener("click", () => {
    localStorage.setItem(ASKED, "later");
    element.hidden = true;
  });
}

export function offerNotices(root) {
  for (const element of root.querySelectorAll("[data-push]")) {
    const part = { element, address: element.dataset.push, isQuestion: "pushAsk" in element.dataset };
    listen(part);
    stateOf(part).then((state) => show(part, state)).catch(() => {}); // no network: nothing to choose
  }
}

// The key of the installation has changed, or a subscription was renewed while nobody could be told:
// once for each tab, and only where somebody has said yes.
export async function mendSubscription(address) {
  if (!isPossible() || Notification.permission !== "granted" || sessionStorage.getItem(CHECKED)) return;
  sessionStorage.setItem(CHECKED, "yes");
  const subscription = await current();
  if (!subscription) return;
  const part = { address };
  const { public_key: key, known, token } = await askServer(part);
  if (!known.includes(await digestOf(subscription.endpoint)) || isOfKey(subscription, key)) return;
  part.token = token;
  await switchOn(part);
  await askServer(part, "DELETE", { endpoint: subscription.endpoint });
}
