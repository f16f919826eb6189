// Passkeys: the browser makes and uses them; forms that need one are shown where it can.
const ADDRESS = /^(\d+\.){3}\d+$|:/; // passkeys belong to names, not to addresses

function isPossible() {
  return (
    window.isSecureContext &&
    !ADDRESS.test(location.hostname) &&
    typeof window.PublicKeyCredential?.parseRequestOptionsFromJSON === "function"
  );
}

function optionsOfPage() {
  return JSON.parse(document.getElementById("passkey-options").textContent);
}

async function askServer(form) {
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return answer.json();
}

async function use(options) {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options.publicKey);
  return navigator.credentials.get({ publicKey });
}

async function make(options) {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options.publicKey);
  return navigator.credentials.create({ publicKey });
}

const WAYS = {
  "log-in": async (form) => use((await askServer(form)).request_options),
  use: () => use(optionsOfPage().request_options),
  make: () => make(optionsOfPage().creation_options),
};

function listen(form) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const failed = form.querySelector("[data-passkey-failed]");
    failed.hidden = true;
    try {
      const credential = await WAYS[form.dataset.passkey](form);
      form.elements.credential.value = JSON.stringify(credential.toJSON());
    } catch {
      failed.hidden = false;
      return;
    }
    form.submit();
  });
}

export function offerPasskeys(root) {
  if (!isPossible()) return;
  for (const part of root.querySelectorAll("[data-passkey]")) {
    part.hidden = part.dataset.passkey === "impossible";
    if (part.matches("form")) listen(part);
  }
}
