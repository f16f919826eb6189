// Pages that show how things stand now: a short question, often, whether anything is new. Only if so
// the page asks for it, as it would by itself now and then.

const EVERY = 1_500; // ms: what another phone does is seen here within two seconds
const SLOW = 6_000; // ms until a question counts as lost
const AFTER_REFUSAL = 15_000; // ms

async function ask(element) {
  const { news, state, watching } = element.dataset;
  const answer = await fetch(news, {
    headers: { "If-None-Match": state, "X-Watching": watching },
    cache: "no-store",
    signal: AbortSignal.timeout(SLOW),
  });
  if (answer.ok && answer.status !== 204 && element.isConnected) {
    element.dispatchEvent(new CustomEvent("look"));
  }
  return answer.status === 429 || answer.status >= 500 ? AFTER_REFUSAL : EVERY;
}

async function goOn() {
  const element = document.hidden ? null : document.querySelector("[data-news]");
  let pause = EVERY;
  if (element) {
    try {
      pause = await ask(element);
      delete document.documentElement.dataset.connection;
    } catch {
      document.documentElement.dataset.connection = "lost";
    }
  }
  setTimeout(goOn, pause);
}

export function watchNews() {
  setTimeout(goOn, EVERY);
  // Word that nothing is new brings the leave to go on asking.
  document.body.addEventListener("htmx:afterRequest", ({ target, detail }) => {
    const renewed = target.hasAttribute?.("data-news") && detail.xhr?.getResponseHeader("X-Watching");
    if (renewed) target.dataset.watching = renewed;
  });
}
