// Documents that were opened on this device before, on the page that says that there is no network: the
// service worker has kept them.
const SHELF = "materials";

// As a server writes it: plain, or by percent where it is not ASCII.
function nameOf(answer) {
  const said = answer.headers.get("Content-Disposition") ?? "";
  const encoded = said.match(/filename\*=utf-8''([^;]+)/i);
  if (encoded) return decodeURIComponent(encoded[1]);
  return said.match(/filename="((?:[^"\\]|\\.)*)"/)?.[1].replaceAll(/\\(.)/g, "$1") ?? "";
}

export async function listDocuments(root) {
  const part = root.querySelector("[data-documents]");
  if (!part || !globalThis.caches || !(await caches.has(SHELF))) return;
  const shelf = await caches.open(SHELF);
  const [list, pattern] = [part.querySelector("ul"), part.querySelector("template")];
  for (const request of await shelf.keys()) {
    const row = pattern.content.firstElementChild.cloneNode(true);
    const link = row.querySelector("a");
    link.href = request.url;
    link.querySelector("[data-text]").textContent = nameOf(await shelf.match(request, { ignoreVary: true }));
    list.append(row);
  }
  part.hidden = list.childElementCount === 0;
}

// Whoever logs in next finds none of whoever logged out.
export const forgetDocuments = () => globalThis.caches?.delete(SHELF);
