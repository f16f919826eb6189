// Short messages at the edge of the page: read out, and gone by themselves unless they are errors.

const STAYS = 7_000; // ms

function dismissLater(message) {
  if (message.dataset.tone === "error") return;
  setTimeout(() => message.remove(), STAYS);
}

// What is to be said stands in the page, in the reader's language.
export function wordsFor(name) {
  return document.querySelector(`#words-${name}`)?.content.textContent.trim();
}

export function startMessages(root) {
  for (const message of root.querySelectorAll("[data-message]")) dismissLater(message);
  for (const button of root.querySelectorAll("[data-dismiss]")) {
    button.addEventListener("click", () => button.closest("[data-message]").remove());
  }
}

export function say(text, tone) {
  const list = document.querySelector("#messages");
  const pattern = document.querySelector("#message-pattern");
  if (!text || !list || !pattern) return;
  const message = pattern.content.firstElementChild.cloneNode(true);
  message.dataset.tone = tone;
  message.querySelector("[data-text]").textContent = text;
  for (const old of list.querySelectorAll(`[data-tone="${tone}"]`)) {
    if (old.textContent.includes(text)) old.remove();
  }
  list.append(message);
  startMessages(list);
}
