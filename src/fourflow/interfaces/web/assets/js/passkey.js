// <ff-passkey data-for="sign-in|confirm|new">: asks the site for a question, the browser's authenticator for the answer.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const named = (list) => list?.map((one) => ({ ...one, id: bytes(one.id) }));

async function post(path, body) {
  const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
  const headers = { "Content-Type": "application/json", "X-CSRFToken": token };
  const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  const found = await response.json();
  if (!response.ok) throw new Error(found.text);
  return found;
}

async function made(options) {
  const publicKey = { ...options, challenge: bytes(options.challenge), excludeCredentials: named(options.excludeCredentials) };
  publicKey.user = { ...options.user, id: bytes(options.user.id) };
  const { id, type, rawId, response } = await navigator.credentials.create({ publicKey });
  const { clientDataJSON, attestationObject } = response;
  return {
    id, type, rawId: text(rawId), clientExtensionResults: {},
    response: { clientDataJSON: text(clientDataJSON), attestationObject: text(attestationObject) },
  };
}

async function shown(options) {
  const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials: named(options.allowCredentials) };
  const { id, type, rawId, response } = await navigator.credentials.get({ publicKey });
  const { clientDataJSON, authenticatorData, signature, userHandle } = response;
  return {
    id, type, rawId: text(rawId), clientExtensionResults: {},
    response: {
      clientDataJSON: text(clientDataJSON), authenticatorData: text(authenticatorData), signature: text(signature),
      userHandle: userHandle ? text(userHandle) : undefined,
    },
  };
}

class Passkey extends HTMLElement {
  connectedCallback() {
    if (!window.PublicKeyCredential) { this.hidden = true; return; }
    this.press = () => this.use();
    this.querySelector("button").addEventListener("click", this.press);
  }

  disconnectedCallback() {
    this.querySelector("button")?.removeEventListener("click", this.press);
  }

  async use() {
    const { for: purpose, next } = this.dataset, status = this.querySelector("[role=status]");
    try {
      const options = await post(`/passkeys/${purpose}`, {});
      const answer = await (purpose === "new" ? made : shown)(options);
      const found = await post(`/passkeys/${purpose}/answer`, { answer, next, name: this.querySelector("input")?.value });
      if (purpose === "confirm" && !next) this.confirmed(status);
      else location.assign(found.to ?? next);
    } catch (error) {
      status.textContent = `${status.dataset.failed} ${error.name === "Error" ? error.message : ""}`;
    }
  }

  confirmed(status) {
    for (const field of this.closest("form").querySelectorAll("#password, #code")) {
      field.required = false;
      field.disabled = true;
    }
    this.querySelector("button").hidden = true;
    status.textContent = status.dataset.done;
  }
}

customElements.define("ff-passkey", Passkey);
