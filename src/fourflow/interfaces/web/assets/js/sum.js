// <ff-sum> stands inside a list's form and counts the ticked rows; sums are exact: BigInt of minor units by currency.
const group = (digits) => digits.replace(/\B(?=(\d{3})+(?!\d))/g, ",");

function format(minor, exponent) {
  const negative = minor < 0n;
  const digits = String(negative ? -minor : minor).padStart(exponent + 1, "0");
  const whole = exponent ? digits.slice(0, -exponent) : digits;
  const text = group(whole) + (exponent ? "." + digits.slice(-exponent) : "");
  return (negative ? "\u2212" : "") + text;
}

class FfSum extends HTMLElement {
  connectedCallback() {
    this.list = this.closest(".list") ?? document;
    this.onchange = (event) => this.changed(event);
    this.list.addEventListener("change", this.onchange);
    this.querySelector("[data-clear]")?.addEventListener("click", () => this.clear());
    this.update();
  }

  disconnectedCallback() { this.list.removeEventListener("change", this.onchange); }

  boxes() { return [...this.list.querySelectorAll("tbody .tick input")]; }

  changed(event) {
    const box = event.target;
    if (box.matches("thead .tick input")) for (const each of this.boxes()) each.checked = box.checked;
    if (box.closest(".tick")) this.update();
  }

  clear() {
    for (const box of this.list.querySelectorAll(".tick input")) box.checked = false;
    this.update();
    this.list.querySelector("thead .tick input")?.focus();
  }

  update() {
    const boxes = this.boxes();
    const ticked = boxes.filter((box) => box.checked);
    const sums = new Map();
    for (const box of ticked) {
      const { minor, currency, exponent } = box.dataset;
      if (minor === undefined) continue;
      const sum = sums.get(currency) ?? { minor: 0n, exponent: Number(exponent) };
      sum.minor += BigInt(minor);
      sums.set(currency, sum);
    }
    for (const box of boxes) box.closest("tr").classList.toggle("sel", box.checked);
    const all = this.list.querySelector("thead .tick input");
    if (all) {
      all.checked = boxes.length > 0 && ticked.length === boxes.length;
      all.indeterminate = ticked.length > 0 && ticked.length < boxes.length;
    }
    const limit = Number(this.getAttribute("limit") ?? 100);
    this.querySelector("[data-count]").textContent = String(ticked.length);
    this.querySelector("[data-sum]").replaceChildren(...[...sums].flatMap(([currency, sum], index) => {
      const label = Object.assign(document.createElement("span"), { className: "cur", textContent: currency });
      return [...(index ? [" · "] : []), label, format(sum.minor, sum.exponent)];
    }));
    for (const button of this.querySelectorAll("button[type=submit]")) button.disabled = ticked.length > limit;
    this.hidden = ticked.length === 0;
  }
}
customElements.define("ff-sum", FfSum);
