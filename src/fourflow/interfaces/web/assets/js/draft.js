// <ff-draft> stands inside a form and keeps its answers on the server while one types, over the version that it has seen.
const PAUSE = 1500;

class FfDraft extends HTMLElement {
  connectedCallback() {
    this.form = this.closest("form");
    this.oninput = () => { clearTimeout(this.timer); this.timer = setTimeout(() => { this.timer = 0; this.keep(); }, PAUSE); };
    this.onsubmit = () => { clearTimeout(this.timer); this.timer = 0; };
    this.form?.addEventListener("input", this.oninput);
    this.form?.addEventListener("submit", this.onsubmit);
    // the page comes again in another language: first what was typed is kept, without the pause
    this.onlanguage = async (event) => {
      if (!event.target.getAttribute("action")?.endsWith("/language") || !this.timer) return;
      event.preventDefault();
      this.onsubmit();
      await this.keep();
      event.target.classList.remove("busy");
      event.target.requestSubmit(event.submitter);
    };
    document.addEventListener("submit", this.onlanguage);
  }

  disconnectedCallback() {
    this.onsubmit();
    document.removeEventListener("submit", this.onlanguage);
    this.form?.removeEventListener("input", this.oninput);
    this.form?.removeEventListener("submit", this.onsubmit);
  }

  async keep() {
    const told = this.querySelector("[role=status]");
    const body = new FormData(this.form);
    body.delete("password");
    body.delete("code");
    const answer = await fetch("/drafts", { method: "POST", body, headers: { Accept: "application/json" } }).catch(() => null);
    if (answer?.ok) {
      this.querySelector("[name=draft]").value = (await answer.json()).version;
      told.textContent = this.dataset.kept;
    } else if (answer?.status === 409) {
      told.textContent = this.dataset.clash;
      this.disconnectedCallback();
    }
  }
}
customElements.define("ff-draft", FfDraft);
