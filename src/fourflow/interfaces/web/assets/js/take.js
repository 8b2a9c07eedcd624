// <ff-take> stands beside a chart: a button that saves the drawing as it is seen, with its title, day and source, as an SVG file.
const SEEN = ["fill", "stroke", "stroke-width", "opacity", "display", "font-family", "font-size", "font-weight"];
const ROW = 28, HEAD = 36, FOOT = 32, EDGE = 16;

function svg(name, given, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(given)) made.setAttribute(key, value);
  if (text) made.textContent = text.trim().replace(/\s+/g, " ");
  return made;
}

function words(text, x, y, like, more) {
  const seen = getComputedStyle(like);
  const given = { x, y, fill: seen.color, "font-family": seen.fontFamily, "font-size": seen.fontSize, ...more };
  return svg("text", given, text);
}

// What the style sheet says is written into the copy: a file has no style sheet. Links of this site lead nowhere outside.
function copied(drawn) {
  const copy = drawn.cloneNode(true), box = drawn.getBoundingClientRect();
  const [from, to] = [drawn, copy].map((one) => [one, ...one.querySelectorAll("*")]);
  from.forEach((one, n) => {
    const seen = getComputedStyle(one);
    for (const name of SEEN) to[n].setAttribute(name, seen.getPropertyValue(name));
    for (const name of ["class", "style", "href", "tabindex"]) to[n].removeAttribute(name);
  });
  copy.setAttribute("width", box.width);
  copy.setAttribute("height", box.height);
  return [copy, box.width, box.height];
}

// Bars that lie in a list have a drawing a row: the label to the left, the amount to the right, as on the page.
function listed(list) {
  const width = list.getBoundingClientRect().width, all = svg("svg", { width, height: ROW * list.children.length });
  [...list.children].forEach((row, n) => {
    const [label, bar, amount] = row.children, rect = bar.querySelector("rect");
    const length = (rect.getBoundingClientRect().width / bar.getBoundingClientRect().width || 0) * width * 0.4;
    const fill = getComputedStyle(rect).fill, middle = n * ROW + ROW / 2;
    all.append(words(label.textContent, 0, middle + 4, label),
      svg("rect", { x: width * 0.35, y: middle - 6, width: length, height: 12, rx: 2, fill }),
      words(amount.textContent.trim().replace(/^([A-Z]{3})(?=\S)/, "$1 "), width, middle + 4, amount, { "text-anchor": "end" }));
  });
  return [all, width, ROW * list.children.length];
}

class FfTake extends HTMLElement {
  connectedCallback() {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "btn s ghost", textContent: this.dataset.label });
    button.addEventListener("click", () => this.save());
    this.replaceChildren(button);
  }

  save() {
    const near = this.parentElement, drawn = near.querySelector("svg.bars, ff-chart svg"), list = near.querySelector("ul.hbars");
    if (!drawn && !list) return;
    const [chart, wide, high] = drawn ? copied(drawn) : listed(list), foot = near.querySelector(".chart-foot");
    const width = wide + 2 * EDGE, height = high + HEAD + FOOT, card = getComputedStyle(this.closest(".card") ?? document.body);
    const whole = svg("svg", { xmlns: "http://www.w3.org/2000/svg", width, height, viewBox: `0 0 ${width} ${height}` });
    chart.setAttribute("x", EDGE);
    chart.setAttribute("y", HEAD);
    whole.append(svg("rect", { width, height, fill: card.backgroundColor }),
      words(this.dataset.title, EDGE, 24, document.body, { "font-weight": 600 }), chart);
    if (foot) whole.append(words(foot.textContent, EDGE, height - 12, foot));
    const file = new Blob([new XMLSerializer().serializeToString(whole)], { type: "image/svg+xml" });
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download: `${this.dataset.title}.svg` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }
}
customElements.define("ff-take", FfTake);
