// Deadlines that tick: `<time data-until data-from data-now>` is text already, and is kept true here.

const SOON = 0.34; // of the time there was
const LAST = 5 * 60; // seconds
const ticking = new Set();
let timer = null;

// The server's clock counts, whatever the phone's says.
function clockOffset(element) {
  return Date.parse(element.dataset.now) - Date.now();
}

function urgencyOf(left, whole) {
  if (left <= 0) return "over";
  if (left <= LAST) return "last";
  return left / whole <= SOON ? "soon" : "calm";
}

function written(seconds, element) {
  if (seconds <= 0) return element.dataset.over;
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  if (hours >= 24) return `${Math.floor(hours / 24)} ${element.dataset.days} ${hours % 24} h`;
  if (hours > 0) return `${hours} h ${String(minutes).padStart(2, "0")} min`;
  return `${minutes}:${String(Math.floor(seconds % 60)).padStart(2, "0")} min`;
}

function tick() {
  for (const item of ticking) {
    if (!item.element.isConnected) {
      ticking.delete(item);
      continue;
    }
    const left = Math.floor((item.until - (Date.now() + item.offset)) / 1000);
    const urgency = urgencyOf(left, item.whole);
    item.element.dataset.urgency = urgency;
    item.text.textContent = written(left, item.element);
    if (item.bar) {
      item.bar.value = Math.max(left, 0);
      item.bar.dataset.urgency = urgency;
    }
  }
  if (ticking.size === 0) {
    clearInterval(timer);
    timer = null;
  }
}

export function startCountdowns(root) {
  for (const element of root.querySelectorAll("time[data-until]")) {
    const until = Date.parse(element.dataset.until);
    const whole = (until - Date.parse(element.dataset.from)) / 1000;
    const bar = element.closest("[data-countdown]")?.querySelector("progress");
    const text = element.querySelector("[data-text]");
    ticking.add({ element, text, bar, until, whole, offset: clockOffset(element) });
  }
  if (ticking.size > 0 && timer === null) timer = setInterval(tick, 1000);
  tick();
}
