// The board of leads by keyboard, and how many leads are chosen. Keys are at rest while somebody types
// or a sheet is open, and whoever does not want them switches them off.
const SWITCH = "leadhub.board.keys";
const TYPED_INTO = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";

const board = () => document.querySelector("[data-board]");
const links = () => [...document.querySelectorAll("[data-rows] [data-open]")];
const boxes = () => [...document.querySelectorAll("[data-choose]")];
const rowOf = (element) => element?.closest?.("[data-rows] tr");

function areOn() {
  try {
    return localStorage.getItem(SWITCH) !== "off";
  } catch {
    return true; // a browser that keeps nothing
  }
}

function words(name, n) {
  return document.querySelector(`#words-${name}`)?.content.textContent.trim().replace("{n}", n);
}

// Says how many leads are chosen, and shows what may be done with them.
function count() {
  const bar = document.querySelector("[data-bulk-bar]");
  if (!bar) return;
  const all = boxes();
  const chosen = all.filter((box) => box.checked).length;
  bar.dataset.chosen = chosen;
  const every = bar.querySelector("[data-choose-all]");
  every.checked = chosen > 0 && chosen === all.length;
  every.indeterminate = chosen > 0 && chosen < all.length;
  const said = bar.querySelector("[data-bulk-count]");
  const text = chosen === 0 ? (said.textContent ? words("chosen-none") : "") : words(chosen === 1 ? "chosen-one" : "chosen-many", chosen);
  if (said.textContent !== text) said.textContent = text;
}

function choose({ target }) {
  if (target.matches("[data-choose-all]")) {
    for (const box of boxes()) box.checked = target.checked;
  } else if (target.matches("[data-keys-on]")) {
    try {
      localStorage.setItem(SWITCH, target.checked ? "on" : "off");
    } catch {
      // then they are on again next time
    }
    return;
  } else if (!target.matches("[data-choose]")) {
    return;
  }
  count();
}

function move(step) {
  const all = links();
  if (all.length === 0) return;
  const row = rowOf(document.activeElement);
  const at = row ? all.findIndex((link) => rowOf(link) === row) : -1;
  const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1);
  all[next].focus();
}

function toggle() {
  const box = rowOf(document.activeElement)?.querySelector("[data-choose]");
  if (!box) return false;
  box.checked = !box.checked;
  count();
  return true;
}

function search() {
  const field = document.querySelector("#search");
  field.focus();
  field.select();
}

const DEEDS = {
  j: () => move(1),
  k: () => move(-1),
  x: toggle,
  "/": search,
  "?": () => document.querySelector("#keys").showModal(),
};
// These scroll the page, unless a lead has the focus.
const AMONG_LEADS = { ArrowDown: () => move(1), ArrowUp: () => move(-1) };

function press(event) {
  if (!board() || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches?.(TYPED_INTO) || document.querySelector("dialog:modal, :popover-open")) return;
  if (!areOn()) return;
  const deed = DEEDS[event.key] ?? (rowOf(event.target) ? AMONG_LEADS[event.key] : undefined);
  if (deed && deed() !== false) event.preventDefault();
}

export function watchBoard() {
  document.addEventListener("keydown", press);
  document.addEventListener("change", choose);
  // What was chosen before a page was left and come back to stands in its boxes again.
  addEventListener("pageshow", count);
}

export function countChosen(root) {
  const on = root.querySelector("[data-keys-on]");
  if (on) on.checked = areOn();
  count();
}
