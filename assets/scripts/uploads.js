// A file that was chosen or photographed is sent at once: one tap less. Without this file the form's
// own button sends it. What does not arrive stays chosen, for another tap.

const barOf = (form) => form.querySelector?.("progress[data-sent]");

export function watchUploads() {
  document.addEventListener("change", ({ target }) => {
    const form = target.closest?.("form[data-sends]");
    if (form && target.type === "file" && target.files.length) form.requestSubmit();
  });
  document.body.addEventListener("htmx:xhr:progress", ({ target, detail }) => {
    const bar = barOf(target);
    if (!bar || !detail.lengthComputable) return;
    Object.assign(bar, { hidden: false, max: detail.total, value: detail.loaded });
  });
  document.body.addEventListener("htmx:afterRequest", ({ target }) => {
    const bar = barOf(target);
    if (bar) bar.hidden = true;
  });
}
