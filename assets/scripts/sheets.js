// Sheets are popovers without scripts; here they become modal: what is behind them rests, the tab key
// stays inside, Escape closes them, and whoever opened them stands where they stood before.

function sheetOf(button) {
  const sheet = document.getElementById(button.getAttribute("popovertarget"));
  return sheet instanceof HTMLDialogElement ? sheet : null;
}

function isBeside(sheet, { clientX, clientY }) {
  const { left, right, top, bottom } = sheet.getBoundingClientRect();
  return clientX < left || clientX > right || clientY < top || clientY > bottom;
}

function toggle(event) {
  const button = event.target.closest?.("[popovertarget]");
  const sheet = button && sheetOf(button);
  if (!sheet) return;
  event.preventDefault();
  if (sheet.open) sheet.close();
  else sheet.showModal();
}

// Not on a click: one that begins inside, on a text being marked, may end beside the sheet.
function closeBeside(event) {
  const sheet = event.target;
  if (sheet instanceof HTMLDialogElement && sheet.open && isBeside(sheet, event)) sheet.close();
}

export function watchSheets() {
  document.addEventListener("click", toggle);
  document.addEventListener("pointerdown", closeBeside);
}
