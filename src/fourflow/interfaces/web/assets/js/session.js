// <ff-session> stands on every page of a signed-in person. It warns before the sign-in ends, lets the person stay, and says
// when it has ended. Tabs tell each other of a later end. Without script the next page leads to the sign-in and back.
const WARN = 5 * 60_000;
const END = "ff-session-end";

class FfSession extends HTMLElement {
  connectedCallback() {
    this.dialog = this.querySelector("dialog");
    this.querySelector("form[data-stay]").addEventListener("submit", (event) => {
      event.preventDefault();
      this.stay(event.target);
    });
    addEventListener("storage", (event) => { if (event.key === END && event.newValue) this.plan(Number(event.newValue)); });
    document.addEventListener("visibilitychange", () => this.look()); // timers sleep with the machine
    this.until(Number(this.dataset.seconds));
  }

  until(seconds) {
    this.plan(Date.now() + seconds * 1000);
    localStorage.setItem(END, String(this.end));
  }

  plan(end) {
    this.end = end;
    if (end - Date.now() > WARN && this.dialog.open) this.dialog.close();
    this.look();
  }

  look() {
    clearTimeout(this.timer);
    const left = this.end - Date.now();
    if (left > 0) this.timer = setTimeout(() => this.look(), left > WARN ? left - WARN : left);
    if (left > WARN) return;
    for (const part of this.querySelectorAll("[data-when]")) part.hidden = (part.dataset.when === "over") !== (left <= 0);
    const time = { hour: "2-digit", minute: "2-digit" };
    this.querySelector("[data-at]").textContent = new Date(this.end).toLocaleTimeString(document.documentElement.lang, time);
    this.querySelector("[data-again]").href = `/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`;
    if (!this.dialog.open) this.dialog.showModal();
  }

  async stay(form) {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form) }).catch(() => null);
    const known = answer?.ok && !answer.redirected;
    const { seconds } = known ? await answer.json() : { seconds: 0 };
    this.until(seconds);
  }
}
customElements.define("ff-session", FfSession);
