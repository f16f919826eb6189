// A tap for a lead whose answer does not come: it is said plainly that nothing is anybody's yet, and
// asked again until there is an answer. The server answers the repeat of a winner as it did before.
import { say, wordsFor } from "./messages.js";

const EVERY = 4_000; // ms
const AT_MOST = 5 * 60_000; // ms: later on, people have gone on with something else
const GATEWAY = new Set([0, 502, 503, 504]); // statuses of those who could not ask the server
const open = new Map();

export const isRepeated = (element) => element.hasAttribute?.("data-repeat");

function end(form, words) {
  const attempt = open.get(form);
  if (!attempt) return;
  clearTimeout(attempt.timer);
  attempt.note.remove();
  open.delete(form);
  delete form.dataset.pending;
  for (const button of form.querySelectorAll("button")) button.disabled = false;
  if (words) say(wordsFor(words), "error");
}

function begin(form) {
  const note = document.querySelector("#pending-pattern").content.firstElementChild.cloneNode(true);
  note.querySelector("button").addEventListener("click", () => end(form, "stopped"));
  form.parentElement.before(note);
  form.dataset.pending = "";
  const attempt = { note, until: Date.now() + AT_MOST, timer: 0 };
  open.set(form, attempt);
  return attempt;
}

function again(form) {
  const attempt = open.get(form);
  clearTimeout(attempt.timer);
  if (!form.isConnected) open.delete(form);
  else if (Date.now() > attempt.until) end(form, "gave-up");
  else form.requestSubmit();
}

function goOn(form) {
  const attempt = open.get(form) ?? begin(form);
  // One tap is enough, and a second one would say nothing new.
  for (const button of form.querySelectorAll("button")) button.disabled = true;
  clearTimeout(attempt.timer);
  attempt.timer = setTimeout(() => again(form), EVERY);
}

export function repeatLost() {
  document.body.addEventListener("htmx:afterRequest", ({ target, detail }) => {
    if (!isRepeated(target)) return;
    if (GATEWAY.has(detail.xhr.status)) goOn(target);
    else end(target);
  });
  addEventListener("online", () => {
    for (const form of [...open.keys()]) again(form);
  });
}
