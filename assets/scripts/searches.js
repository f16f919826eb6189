// The same search twice in a row, by a key and by the pause after it, would only take away what was
// chosen meanwhile of the first answer.

function wordsOf(form) {
  return new URLSearchParams(new FormData(form)).toString();
}

export function watchSearches() {
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    const form = event.target;
    if (!form.hasAttribute("data-search")) return;
    if (form.dataset.asked === wordsOf(form)) event.preventDefault();
    else form.dataset.asked = wordsOf(form);
  });
  document.body.addEventListener("htmx:afterRequest", (event) => {
    if (!event.detail.successful) delete event.target.dataset?.asked;
  });
}
