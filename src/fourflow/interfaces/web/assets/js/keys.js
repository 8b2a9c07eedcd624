// Keys for people who live in lists. `?` prints them; the switch in that dialog turns single keys off, `?` too (WCAG 2.1.4):
// then the dialog is opened from the person's menu.
const off = () => localStorage.getItem("ff-keys") === "off";
const typing = (element) => element.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
const rows = () => [...document.querySelectorAll(".list tbody tr")];
let prefix = "";

function move(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.findIndex((row) => row.classList.contains("at"));
  const next = all[Math.min(all.length - 1, Math.max(0, at + step))];
  all[at]?.classList.remove("at");
  next.classList.add("at");
  (next.querySelector("a.main, a, input") ?? next).focus();
  next.scrollIntoView({ block: "nearest" });
}

const follow = (selector) => document.querySelector(`${selector}:not([hidden])`)?.click();
const actions = {
  "/": () => (document.querySelector(".list-bar input[type=search]") ?? document.querySelector(".search input"))?.focus(),
  "?": () => document.querySelector("#keys")?.showModal(),
  j: () => move(1),
  k: () => move(-1),
  x: () => document.querySelector(".list tr.at .tick input")?.click(),
  o: () => follow(".list tr.at a"),
  "[": () => follow(".nextprev [data-key='previous']"),
  "]": () => follow(".nextprev [data-key='next']"),
};

document.addEventListener("keydown", (event) => {
  // out of a search: what it found stays, and the keys of rows work again
  if (event.key === "Escape" && event.target.type === "search") { event.preventDefault(); event.target.blur(); return; }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
  if (off()) return;
  if (document.querySelector("dialog[open]")) return;
  if (prefix === "g") {
    prefix = "";
    const target = document.querySelector(`.menu a[data-key='${CSS.escape(event.key)}']`);
    if (target) { event.preventDefault(); target.click(); }
    return;
  }
  if (event.key === "g") { prefix = "g"; setTimeout(() => { prefix = ""; }, 1200); return; }
  const action = actions[event.key];
  if (action) { event.preventDefault(); action(); }
});

document.addEventListener("change", (event) => {
  if (event.target.id === "keys-off") localStorage.setItem("ff-keys", event.target.checked ? "off" : "on");
});
const box = document.querySelector("#keys-off");
if (box) box.checked = off();
