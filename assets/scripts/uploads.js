// A file that was chosen or photographed is sent at once: one tap less. Without this file the form's
// own button sends it.

export function watchUploads() {
  document.addEventListener("change", ({ target }) => {
    const form = target.closest?.("form[data-sends]");
    if (!form || target.type !== "file" || !target.files.length) return;
    form.querySelector("button:not([type=button])")?.classList.add("htmx-request");
    form.requestSubmit();
  });
}
