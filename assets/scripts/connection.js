// What happens to a tap when the network or the server does not answer, and polls that rest.
import { say, wordsFor } from "./messages.js";
import { isRepeated } from "./repeating.js";

const SLOW = 15_000; // ms until a request counts as lost
const SLOW_FOR_REPEATED = 6_000; // ms: it is asked again, and somebody waits for it
const SLOW_FOR_FILES = 10 * 60_000; // ms: a few photographs over a bad network

function isPoll(event) {
  return event.detail.requestConfig?.verb === "get" && event.target.hasAttribute("data-poll");
}

function patienceWith(element) {
  if (isRepeated(element)) return SLOW_FOR_REPEATED;
  return element.enctype === "multipart/form-data" ? SLOW_FOR_FILES : SLOW;
}

export function watchConnection() {
  const body = document.body;
  body.addEventListener("htmx:configRequest", (event) => {
    event.detail.timeout = patienceWith(event.target);
  });
  // Nobody looks at a hidden page, and a sheet that is open must not be swapped away.
  body.addEventListener("htmx:beforeRequest", (event) => {
    if (!event.target.hasAttribute("data-poll")) return;
    const isBusy = event.target.querySelector(":popover-open, dialog[open], form:focus-within [name]:focus");
    if (document.hidden || isBusy) event.preventDefault();
  });
  // News that comes while a tap is on its way must not take away what the answer is for.
  body.addEventListener("htmx:beforeSwap", (event) => {
    if (isPoll(event) && event.target.querySelector(".htmx-request, [data-pending]")) event.detail.shouldSwap = false;
  });
  for (const failure of ["htmx:sendError", "htmx:timeout"]) {
    body.addEventListener(failure, (event) => {
      if (isPoll(event)) {
        document.documentElement.dataset.connection = "lost";
      } else if (!isRepeated(event.target)) {
        say(wordsFor("offline"), "error");
      }
    });
  }
  body.addEventListener("htmx:responseError", (event) => {
    const isAskedAgain = isRepeated(event.target) && event.detail.xhr.status > 501;
    if (!isPoll(event) && !isAskedAgain) say(wordsFor("failed"), "error");
  });
  body.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.xhr?.status) delete document.documentElement.dataset.connection;
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    for (const element of document.querySelectorAll("[data-poll]")) {
      element.dispatchEvent(new CustomEvent("look"));
    }
  });
}
