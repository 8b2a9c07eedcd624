// <ff-sum> stands inside a list's form and counts the ticked rows; sums are exact: BigInt of minor units by currency.
// Turning the page or changing the order keeps the ticks, and the form then sends those of other pages too; another filter
// drops them: what nobody sees any more is not counted.
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
    // the list itself stands while its rows are swapped, the old ones for a moment beside the new
    this.rows = this.closest("form") ?? this.list;
    if (this.list.asked !== this.dataset.asked) this.list.kept = new Map();
    this.list.asked = this.dataset.asked;
    for (const box of this.boxes()) if (this.list.kept.has(box.value) && !box.disabled) box.checked = true;
    this.onchange = (event) => this.changed(event);
    this.list.addEventListener("change", this.onchange);
    this.querySelector("[data-clear]")?.addEventListener("click", () => this.clear());
    this.update();
  }

  disconnectedCallback() { this.list.removeEventListener("change", this.onchange); }

  boxes() { return [...this.rows.querySelectorAll("tbody .tick input")]; }

  changed(event) {
    const box = event.target;
    if (!this.rows.contains(box)) return;
    if (box.matches("thead .tick input")) for (const each of this.boxes()) each.checked = box.checked && !each.disabled;
    if (box.closest(".tick")) this.update();
  }

  clear() {
    for (const box of this.rows.querySelectorAll(".tick input")) box.checked = false;
    this.list.kept.clear();
    this.update();
    this.rows.querySelector("thead .tick input")?.focus();
  }

  update() {
    const boxes = this.boxes();
    const ticked = boxes.filter((box) => box.checked);
    const kept = this.list.kept;
    for (const box of boxes) {
      if (box.checked) kept.set(box.value, { ...box.dataset });
      else kept.delete(box.value);
    }
    const here = new Set(boxes.map((box) => box.value));
    const elsewhere = [...kept.keys()].filter((id) => !here.has(id));
    const sums = new Map();
    for (const { minor, currency, exponent } of kept.values()) {
      if (minor === undefined) continue;
      const sum = sums.get(currency) ?? { minor: 0n, exponent: Number(exponent) };
      sum.minor += BigInt(minor);
      sums.set(currency, sum);
    }
    for (const box of boxes) box.closest("tr").classList.toggle("sel", box.checked);
    const all = this.rows.querySelector("thead .tick input");
    if (all) {
      all.checked = boxes.length > 0 && ticked.length === boxes.length;
      all.indeterminate = ticked.length > 0 && ticked.length < boxes.length;
    }
    const limit = Number(this.getAttribute("limit") ?? 100);
    this.querySelector("[data-count]").textContent = String(kept.size);
    this.querySelector("[data-elsewhere]").hidden = !elsewhere.length;
    this.querySelector("[data-elsewhere] b").textContent = String(elsewhere.length);
    this.querySelector("[data-ids]").replaceChildren(...elsewhere.map((id) =>
      Object.assign(document.createElement("input"), { type: "hidden", name: "id", value: id })));
    this.querySelector("[data-sum]").replaceChildren(...[...sums].flatMap(([currency, sum], index) => {
      const label = Object.assign(document.createElement("span"), { className: "cur", textContent: currency });
      return [...(index ? [" · "] : []), label, format(sum.minor, sum.exponent)];
    }));
    for (const button of this.querySelectorAll("button[type=submit]")) button.disabled = kept.size > limit;
    this.querySelector("[data-over]").hidden = kept.size <= limit;
    this.hidden = kept.size === 0;
  }
}
customElements.define("ff-sum", FfSum);
