// What was typed stays while the page is open: an answer that renews a form does not empty it, and
// neither does one that never came. It is kept in memory alone, and gone with the page.
import htmx from "htmx.org";

const FIELDS = "textarea, select, input:not([type=hidden], [type=password], [type=file], [type=search])";
const typed = new Map();

function keyOf(field) {
  if (!field.matches?.(FIELDS) || field.form?.method !== "post") return null;
  const which = field.type === "radio" || field.type === "checkbox" ? field.value : "";
  return JSON.stringify([field.form.action, field.id, field.name, which]);
}

const isChoice = (field) => field.type === "radio" || field.type === "checkbox";

function note({ target }) {
  const key = keyOf(target);
  if (!key) return;
  if (target.type === "radio") {
    // Of a group only the last choice holds.
    for (const other of target.form.querySelectorAll("input[type=radio]")) {
      if (other.name === target.name) typed.delete(keyOf(other));
    }
  }
  typed.set(key, isChoice(target) ? target.checked : target.value);
}

function putBack(root) {
  if (typed.size === 0) return;
  for (const field of root.querySelectorAll(FIELDS)) {
    const key = keyOf(field);
    if (!typed.has(key)) continue;
    if (isChoice(field)) field.checked = typed.get(key);
    else field.value = typed.get(key);
    const folded = field.closest("details");
    if (folded && field.value) folded.open = true;
  }
}

function forget({ target, detail }) {
  if (!(target instanceof HTMLFormElement) || !detail.successful) return;
  for (const key of [...typed.keys()]) {
    if (JSON.parse(key)[0] === target.action) typed.delete(key);
  }
}

export function keepTyped() {
  document.addEventListener("input", note);
  // Before the answer is shown: what was sent is not put back.
  document.body.addEventListener("htmx:beforeOnLoad", ({ target, detail }) => {
    const { status } = detail.xhr;
    forget({ target, detail: { successful: status >= 200 && status < 300 } });
  });
  htmx.onLoad(putBack);
}
